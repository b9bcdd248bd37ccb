{%- set keys = ['source_id', 'currency', 'clinic_id', 'period_kind', 'is_complete', 'period_start', 'period_end'] -%}
{%- set sums = [
    'services', 'days_in_service', 'open_seconds', 'sold_seconds', 'revenue_amount', 'direct_cost_amount'
] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind = 'clinic'
),

resource_days as (
    select * from {{ ref('int_resource_days__used') }}
),

resources as (
    select * from {{ ref('dim_resource') }}
),

available as (
    {{ available_metrics('mart_utilisation__equipment') }}
),

periods as (
    select
        {{ keys | join(',\n        ') }}
    from scope_periods
    where period_kind in ('month', 'quarter', 'year')
    union all
    select
        source_id,
        currency,
        clinic_id,
        'to_date' as period_kind,
        true as is_complete,
        min(period_start) as period_start,
        max(case when is_complete then period_start end) as period_end
    from scope_periods
    where period_kind = 'day'
    group by source_id, currency, clinic_id
),

by_period as (
    select
        {%- for key in keys %}
        periods.{{ key }},
        {%- endfor %}
        {%- for measure in sums %}
        sum(days.{{ measure }}) as {{ measure }},
        {%- endfor %}
        days.resource_id
    from periods
    inner join resource_days as days
        on
            periods.clinic_id = days.clinic_id
            and periods.period_start <= days.local_date
            and periods.period_end >= days.local_date
    group by
        {%- for key in keys %}
        periods.{{ key }},
        {%- endfor %}
        days.resource_id
),

-- The periods of one kind hold every day once, so those before add up to what was earned before.
cumulated as (
    select
        *,
        cast(sum(revenue_amount - direct_cost_amount) over so_far as decimal(18, 2)) as contribution_to_date_amount,
        {{ exact_quotient('sum(days_in_service) over so_far * 12', 365, scale=4) }} as months_in_service
    from by_period
    window so_far as (partition by clinic_id, resource_id, period_kind order by period_start)
),

priced as (
    select
        cumulated.*,
        resources.purchase_cost_amount,
        {{ money_quotient('cumulated.contribution_to_date_amount', 'cumulated.months_in_service') }} as monthly_amount
    from cumulated
    left join resources on cumulated.resource_id = resources.resource_id
),

paid_back as (
    select
        *,
        case when monthly_amount > 0 then {{ exact_quotient('purchase_cost_amount', 'monthly_amount') }} end
            as payback_months,
        case
            when monthly_amount > 0 and contribution_to_date_amount >= purchase_cost_amount then 0
            when monthly_amount > 0
                then {{ exact_quotient('purchase_cost_amount - contribution_to_date_amount', 'monthly_amount') }}
        end as payback_left_months
    from priced
),

measured as (
    select
        {%- for key in keys %}
        paid_back.{{ key }},
        {%- endfor %}
        paid_back.resource_id,
        {{ available_measures('mart_utilisation__equipment') }}
    from paid_back
    left join available on paid_back.source_id = available.source_id
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(resource_id as string) as resource_id,
        {{ metric_columns('mart_utilisation__equipment') }},
        cast(period_kind as string) as period_kind,
        cast(is_complete as boolean) as is_complete,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end
    from measured
)

select * from final
