{%- set kinds = ['network', 'clinic', 'resource'] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where
        scope_kind in ('{{ kinds | join("', '") }}')
        and period_kind in ('month', 'quarter', 'year')
),

available as (
    {{ available_metrics('mart_programmes__periods') }}
),

programmes as (
    select
        plan_id,
        programme
    from {{ ref('fct_plans') }}
    where programme is not null
),

plans as (
    select * from {{ ref('int_plans__followed') }}
    where programme is not null
),

service_lines as (
    select
        lines.*,
        programmes.programme
    from {{ ref('int_lines__performed') }} as lines
    inner join programmes on lines.plan_id = programmes.plan_id
),

visits as (
    select * from {{ ref('int_hours__taken') }}
    where taken_by = 'visit'
),

sold as (
    select distinct plan_id
    from {{ ref('int_plan_positions__followed') }}
    where is_agreed
),

served as (
    select distinct
        appointment_id,
        programme
    from service_lines
    where not is_refund
),

-- What happened of each programme; plans are no resource's.
events as (
    select
        plans.source_id,
        plans.currency,
        plans.clinic_id,
        cast(null as string) as resource_id,
        plans.programme,
        plans.local_date,
        1 as plans_presented,
        case when sold.plan_id is null then 0 else 1 end as plans_sold,
        plans.presented_amount,
        0 as revenue_amount,
        0 as direct_cost_amount,
        0 as visits,
        0 as resource_seconds
    from plans
    left join sold on plans.plan_id = sold.plan_id
    union all
    select
        source_id,
        currency,
        clinic_id,
        resource_id,
        programme,
        local_date,
        0 as plans_presented,
        0 as plans_sold,
        0 as presented_amount,
        net_amount as revenue_amount,
        direct_cost_amount,
        0 as visits,
        0 as resource_seconds
    from service_lines
    union all
    select
        visits.source_id,
        visits.currency,
        visits.clinic_id,
        visits.resource_id,
        served.programme,
        visits.local_date,
        0 as plans_presented,
        0 as plans_sold,
        0 as presented_amount,
        0 as revenue_amount,
        0 as direct_cost_amount,
        1 as visits,
        {{ seconds_between('visits.starts_at', 'visits.ends_at') }}
            as resource_seconds
    from visits
    inner join served on visits.taken_by_id = served.appointment_id
),

summed as (
    {{ sum_by_scope_and_period('events', kinds, {
        'plans_presented': 'plans_presented',
        'plans_sold': 'plans_sold',
        'presented_amount': 'presented_amount',
        'revenue_amount': 'revenue_amount',
        'direct_cost_amount': 'direct_cost_amount',
        'visits': 'visits',
        'resource_seconds': 'resource_seconds'
    }, keys=['programme']) }}
),

measured as (
    select
        scope_periods.*,
        summed.programme,
        {{ available_measures('mart_programmes__periods') }}
    from summed
    inner join scope_periods using (scope_id, period_kind, period_start)
    left join available on scope_periods.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        cast(programme as string) as programme,
        {{ metric_columns('mart_programmes__periods') }}
    from measured
)

select * from final
