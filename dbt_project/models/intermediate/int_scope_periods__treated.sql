{#
  Patients treated in each period, and those of them who were booked for later. An appointment anywhere in the network keeps a patient.
#}
{%- set is_by_day = var('rebooked_when') == 'on_visit_day' -%}
{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
with

visits as (
    select * from {{ ref('int_visits__treated') }}
),

periods as (
    select * from {{ ref('int_periods__days') }}
),

appointments as (
    select * from {{ ref('int_appointments__booked') }}
),

scope_visits as (
    select distinct
        scope_id,
        patient_id,
        local_date
    from ({{ in_scopes('visits', kinds) }}) as scoped
),

-- Once for each period, or for each day of it if it matters on which day they booked.
treated as (
    select distinct
        scope_visits.scope_id,
        scope_visits.patient_id,
        {{ 'scope_visits.local_date' if is_by_day else 'periods.period_end' }} as booked_by,
        periods.period_kind,
        periods.period_start,
        periods.period_end
    from scope_visits
    inner join periods on scope_visits.local_date = periods.local_date
),

rebooked as (
    select
        treated.scope_id,
        treated.period_kind,
        treated.period_start,
        count(distinct treated.patient_id) as rebooked_patients
    from treated
    inner join appointments
        on
            treated.patient_id = appointments.patient_id
            and treated.period_end < appointments.local_date
            and treated.period_end >= appointments.known_from
            and treated.period_end < appointments.known_until
            and treated.booked_by {{ '=' if is_by_day else '>=' }} appointments.booked_on
    group by treated.scope_id, treated.period_kind, treated.period_start
),

counted as (
    select
        scope_id,
        period_kind,
        period_start,
        count(distinct patient_id) as treated_patients
    from treated
    group by scope_id, period_kind, period_start
),

final as (
    select
        cast(counted.scope_id as string) as scope_id,
        cast(counted.period_kind as string) as period_kind,
        cast(counted.treated_patients as bigint) as treated_patients,
        cast(coalesce(rebooked.rebooked_patients, 0) as bigint) as rebooked_patients,
        cast(counted.period_start as date) as period_start
    from counted
    left join rebooked using (scope_id, period_kind, period_start)
)

select * from final
