{#
  The three forms beside the ledger. The ledger is summed from the money of the lines here, apart from every form, so that no form is checked against itself.
#}
{%- set kinds = ['network', 'clinic'] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('{{ kinds | join("', '") }}')
),

available as (
    {{ available_metrics('mart_triune__tie') }}
),

revenues as (
    select * from {{ ref('fct_revenues') }}
),

{%- for tree, about in trees().items() %}
{{ tree }} as (
    select * from {{ ref(about['mart']) }}
),
{% endfor %}
ledger as (
    {{ sum_by_scope_and_period('revenues', kinds, {'ledger_revenue_amount': 'net_amount'}) }}
),

-- Each form is the sum of its branches, not a total that it carries along.
-- What a branch cannot hold, because the source does not deliver it, is in the last one.
joined as (
    select
        scope_periods.*,
        {{ where_available('ledger_revenue_amount', 'ledger.ledger_revenue_amount') }} as ledger_revenue_amount,
        {%- for tree, about in trees().items() %}
        {%- set branches = about['branches'] | list %}
        {%- for branch in branches[:-1] %}
        coalesce({{ tree }}.{{ branch }}, 0) +
        {%- endfor %}
        {{ tree }}.{{ branches[-1] }} as {{ tree }}_revenue_amount,
        {%- endfor %}
        commerce.revenue_unattributed_amount,
        utilisation.unslotted_revenue_amount,
        potential.revenue_without_plan_amount
    from scope_periods
    left join available on scope_periods.source_id = available.source_id
    {%- for part in ['ledger'] + trees() | list %}
    left join {{ part }} using (scope_id, period_kind, period_start)
    {%- endfor %}
),

measured as (
    select
        *,
        case
            when ledger_revenue_amount is not null
                then
                    coalesce(commerce_revenue_amount = ledger_revenue_amount, false)
                    and coalesce(utilisation_revenue_amount = ledger_revenue_amount, false)
                    and coalesce(potential_revenue_amount = ledger_revenue_amount, false)
        end as is_tied,
        {{ exact_quotient('revenue_unattributed_amount', 'ledger_revenue_amount') }} as unattributed_share,
        {{ exact_quotient('unslotted_revenue_amount', 'ledger_revenue_amount') }} as unslotted_share,
        {{ exact_quotient('revenue_without_plan_amount', 'ledger_revenue_amount') }} as without_plan_share
    from joined
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_triune__tie') }}
    from measured
)

select * from final
