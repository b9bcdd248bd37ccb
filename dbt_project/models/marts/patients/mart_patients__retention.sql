{%- set up_to_now = 'partition by scope_id, cohort_month order by months_since rows unbounded preceding' -%}
with

-- Of a month that has not passed nobody knows who will return in it.
scope_months as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic', 'specialty') and period_kind = 'month' and is_complete
),

available as (
    {{ available_metrics('mart_patients__retention') }}
),

patient_months as (
    select * from {{ ref('int_patient_months__treated') }}
    where first_paid_month is not null
),

grid as (
    select
        cohorts.*,
        cohorts.period_start as cohort_month,
        {{ months_between('cohorts.period_start', 'months.period_start') }} as months_since
    from scope_months as cohorts
    inner join scope_months as months
        on cohorts.scope_id = months.scope_id and cohorts.period_start <= months.period_start
),

cohorts as (
    select
        scope_id,
        first_paid_month as cohort_month,
        count(distinct patient_id) as cohort_patients
    from patient_months
    group by scope_id, first_paid_month
),

-- What was done for a patient before the first paid visit belongs to its month.
aged as (
    select
        *,
        case
            when period_start > first_paid_month then {{ months_between('first_paid_month', 'period_start') }} else 0
        end as months_since
    from patient_months
),

returns as (
    select
        scope_id,
        first_paid_month as cohort_month,
        months_since,
        {{ count_if('paid_visits > 0') }} as returned_patients,
        sum(net_amount) as revenue_amount,
        sum(net_amount - direct_cost_amount) as contribution_amount
    from aged
    group by scope_id, first_paid_month, months_since
),

named as (
    select
        grid.*,
        coalesce(cohorts.cohort_patients, 0) as cohort_patients,
        coalesce(returns.returned_patients, 0) as returned_patients,
        coalesce(returns.revenue_amount, 0) as revenue_amount,
        coalesce(returns.contribution_amount, 0) as contribution_amount
    from grid
    left join cohorts on grid.scope_id = cohorts.scope_id and grid.cohort_month = cohorts.cohort_month
    left join returns
        on
            grid.scope_id = returns.scope_id
            and grid.cohort_month = returns.cohort_month
            and grid.months_since = returns.months_since
),

added_up as (
    select
        *,
        sum(revenue_amount) over ({{ up_to_now }}) as cumulative_revenue_amount,
        sum(contribution_amount) over ({{ up_to_now }}) as cumulative_contribution_amount
    from named
),

measured as (
    select
        {{ scope_and_period_columns('added_up') }},
        cast(added_up.months_since as bigint) as months_since,
        {{ available_measures('mart_patients__retention') }}
    from added_up
    left join available on added_up.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        months_since,
        {{ metric_columns('mart_patients__retention') }}
    from measured
)

select * from final
