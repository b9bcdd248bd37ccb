{#
  The three forms beside the ledger. The ledger is summed from the lines here, apart from every form, so that no form is checked against itself.
#}
with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

available as (
    {{ available_metrics('mart_triune__clinic_day') }}
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
    where is_performed
),

commerce as (
    select * from {{ ref('mart_commerce__clinic_day') }}
),

utilisation as (
    select * from {{ ref('mart_utilisation__clinic_day') }}
),

potential as (
    select * from {{ ref('mart_potential__clinic_day') }}
),

ledger as (
    select
        clinic_id,
        local_date,
        sum(net_amount) as ledger_revenue_amount
    from service_lines
    group by clinic_id, local_date
),

-- Each form is the sum of its leaves, not a total that it carries along.
-- What a leaf cannot hold, because the source does not deliver it, is in the last leaf.
joined as (
    select
        clinic_days.clinic_id,
        clinic_days.source_id,
        clinic_days.currency,
        clinic_days.local_date,
        {{ where_available('ledger_revenue_amount', 'ledger.ledger_revenue_amount') }} as ledger_revenue_amount,
        coalesce(commerce.revenue_primary_amount, 0) + coalesce(commerce.revenue_secondary_amount, 0)
        + commerce.revenue_unattributed_amount as commerce_revenue_amount,
        coalesce(utilisation.slotted_revenue_amount, 0) + utilisation.unslotted_revenue_amount
            as utilisation_revenue_amount,
        coalesce(potential.revenue_new_plans_amount, 0) + coalesce(potential.revenue_earlier_plans_amount, 0)
        + coalesce(potential.revenue_unpresented_plans_amount, 0) + potential.revenue_without_plan_amount
            as potential_revenue_amount,
        commerce.revenue_unattributed_amount,
        utilisation.unslotted_revenue_amount,
        potential.revenue_without_plan_amount
    from clinic_days
    left join available on clinic_days.source_id = available.source_id
    left join ledger using (clinic_id, local_date)
    {%- for form in ['commerce', 'utilisation', 'potential'] %}
    left join {{ form }} using (clinic_id, local_date)
    {%- endfor %}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(
            case
                when ledger_revenue_amount is not null
                    then
                        coalesce(commerce_revenue_amount = ledger_revenue_amount, false)
                        and coalesce(utilisation_revenue_amount = ledger_revenue_amount, false)
                        and coalesce(potential_revenue_amount = ledger_revenue_amount, false)
            end as boolean
        ) as is_tied,
        {{ exact_quotient('revenue_unattributed_amount', 'ledger_revenue_amount') }} as unattributed_share,
        {{ exact_quotient('unslotted_revenue_amount', 'ledger_revenue_amount') }} as unslotted_share,
        {{ exact_quotient('revenue_without_plan_amount', 'ledger_revenue_amount') }} as without_plan_share,
        {{ as_amount('ledger_revenue_amount') }} as ledger_revenue_amount,
        {{ as_amount('commerce_revenue_amount') }} as commerce_revenue_amount,
        {{ as_amount('utilisation_revenue_amount') }} as utilisation_revenue_amount,
        {{ as_amount('potential_revenue_amount') }} as potential_revenue_amount,
        cast(local_date as date) as local_date
    from joined
)

select * from final
