{#
  Patients who are active at the start of a period. A paid visit makes its patient active from the next day until the months of the base
  have passed or the next visit takes over, so the spans of a patient never overlap and comings less goings count patients.
#}
with

visits as (
    select * from {{ ref('int_patient_days__served') }}
    where is_paid
),

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind <> 'resource'
),

followed as (
    select
        scope_id,
        local_date,
        {{ add_months('local_date', var('active_base_months')) }} as active_to,
        lead(local_date) over (partition by scope_id, patient_id order by local_date, clinic_id) as next_date
    from visits
),

steps as (
    select
        scope_id,
        {{ add_days('local_date', 1) }} as step_date,
        1 as change
    from followed
    union all
    select
        scope_id,
        {{ add_days('case when next_date < active_to then next_date else active_to end', 1) }} as step_date,
        -1 as change
    from followed
    union all
    select distinct
        scope_id,
        period_start as step_date,
        0 as change
    from scope_periods
),

step_days as (
    select
        scope_id,
        step_date,
        sum(change) as change
    from steps
    group by scope_id, step_date
),

counted as (
    select
        scope_id,
        step_date,
        sum(change) over (partition by scope_id order by step_date rows unbounded preceding) as active_base
    from step_days
),

final as (
    select
        cast(scope_periods.scope_id as string) as scope_id,
        cast(scope_periods.period_kind as string) as period_kind,
        cast(counted.active_base as bigint) as active_base,
        cast(scope_periods.period_start as date) as period_start
    from scope_periods
    inner join counted
        on scope_periods.scope_id = counted.scope_id and scope_periods.period_start = counted.step_date
)

select * from final
