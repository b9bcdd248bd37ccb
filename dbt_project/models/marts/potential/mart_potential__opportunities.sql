{#
  What open plans still ask for, best first. A position is worth its margin times the share of such value, of that age, that has been performed.
#}
with

positions as (
    select
        *,
        greatest({{ days_between('local_date', 'last_export_date') }}, 0) as age_in_days
    from {{ ref('int_plan_positions__followed') }}
    where is_open
),

available as (
    {{ available_metrics('mart_potential__opportunities') }}
),

matured as (
    select * from {{ ref('int_plan_positions__matured') }}
),

services as (
    select * from {{ ref('dim_service') }}
),

fits as (
    select * from {{ ref('int_services__fitted') }}
),

bands as (
    select distinct age_from_days from matured
),

aged as (
    select
        positions.position_id,
        max(bands.age_from_days) as age_from_days
    from positions
    inner join bands on positions.age_in_days >= bands.age_from_days
    group by positions.position_id
),

-- The narrowest scope that has seen enough.
likely as (
    select
        positions.*,
        aged.age_from_days,
        case
            when specialty.items >= {{ var('opportunity_least_items') }} then 'specialty'
            when clinic.items >= {{ var('opportunity_least_items') }} then 'clinic'
            else 'network'
        end as likelihood_scope_kind
    from positions
    left join aged on positions.position_id = aged.position_id
    {%- for kind in ['specialty', 'clinic'] %}
    left join matured as {{ kind }}
        on
            {{ scope_id(kind, 'positions') }} = {{ kind }}.scope_id
            and aged.age_from_days = {{ kind }}.age_from_days
    {%- endfor %}
),

weighed as (
    select
        likely.*,
        matured.open_then_amount,
        matured.performed_since_amount,
        fits.resource_id,
        fits.free_seconds,
        cast(services.norm_minutes * likely.open_quantity as decimal(18, 4)) as required_minutes,
        {{ money_quotient(
            'cast(likely.open_amount - likely.open_cost_amount as decimal(18, 2)) * matured.performed_since_amount',
            'matured.open_then_amount'
        ) }} as expected_margin_amount
    from likely
    left join matured
        on
            case likely.likelihood_scope_kind
                {%- for kind in ['specialty', 'clinic', 'network'] %}
                when '{{ kind }}' then {{ scope_id(kind, 'likely') }}
                {%- endfor %}
            end = matured.scope_id
            and likely.age_from_days = matured.age_from_days
    left join services on likely.service_id = services.service_id
    left join fits on likely.clinic_id = fits.clinic_id and likely.service_id = fits.service_id
),

{%- set best_first = 'expected_margin_amount desc nulls last, open_amount desc, plan_item_id asc' %}

ranked as (
    select
        *,
        row_number() over (partition by clinic_id order by {{ best_first }}) as rank_in_clinic,
        row_number() over (partition by source_id, currency order by {{ best_first }}) as rank_in_network
    from weighed
),

measured as (
    select
        ranked.plan_item_id,
        ranked.plan_id,
        ranked.source_id,
        ranked.clinic_id,
        ranked.employee_id,
        ranked.service_id,
        ranked.resource_id,
        ranked.specialty,
        ranked.currency,
        ranked.likelihood_scope_kind,
        ranked.local_date,
        {{ available_measures('mart_potential__opportunities') }}
    from ranked
    left join available on ranked.source_id = available.source_id
),

final as (
    select
        cast(plan_item_id as string) as plan_item_id,
        cast(plan_id as string) as plan_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(employee_id as string) as employee_id,
        cast(service_id as string) as service_id,
        cast(resource_id as string) as resource_id,
        cast(specialty as string) as specialty,
        cast(currency as string) as currency,
        cast(likelihood_scope_kind as string) as likelihood_scope_kind,
        {{ metric_columns('mart_potential__opportunities') }},
        cast(local_date as date) as local_date
    from measured
)

select * from final
