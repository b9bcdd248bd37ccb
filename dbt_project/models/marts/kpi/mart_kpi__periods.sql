with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind <> 'resource'
),

available as (
    {{ available_metrics('mart_kpi__periods') }}
),

scope_days as (
    select * from {{ ref('int_scope_days__counted') }}
),

periods as (
    select * from {{ ref('int_periods__days') }}
),

treated as (
    select * from {{ ref('int_scope_periods__treated') }}
),

standing as (
    select * from {{ ref('int_scope_periods__standing') }}
),

{%- set added = measured_metrics('mart_kpi__periods') | reject('in', [
    'treated_patients', 'rebooked_patients', 'open_plans_amount', 'debt_amount', 'window_net_amount', 'patients_with_open_plan',
    'active_patients', 'lapsed_patients', 'once_booked_patients', 'net_above_zero_amount'
]) | list %}

-- NULL where no day of the period says anything, as of clinical time without a schedule.
added as (
    select
        scope_days.scope_id,
        periods.period_kind,
        periods.period_start,
        {%- for measure in added %}
        {%- set total = 'sum(scope_days.' ~ measure ~ ')' %}
        {{ as_amount(total) if measure.endswith('_amount') else total }} as {{ measure }},
        {%- endfor %}
        greatest(sum(scope_days.net_revenue_amount), 0) as net_above_zero_amount
    from scope_days
    inner join periods on scope_days.local_date = periods.local_date
    group by scope_days.scope_id, periods.period_kind, periods.period_start
),

measured as (
    select
        scope_periods.*,
        {{ available_measures('mart_kpi__periods') }}
    from scope_periods
    left join available on scope_periods.source_id = available.source_id
    left join added using (scope_id, period_kind, period_start)
    left join treated using (scope_id, period_kind, period_start)
    left join standing using (scope_id, period_kind, period_start)
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_kpi__periods') }}
    from measured
)

select * from final
