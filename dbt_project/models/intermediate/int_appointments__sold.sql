{#
  The sold time of a resource, shared out over its visits: a sweep as in union_seconds, that keeps what each visit adds. The shares of a
  resource and day sum to its sold time.
#}
with

visits as (
    select * from {{ ref('int_hours__taken') }}
    where taken_by = 'visit'
),

appointments as (
    select * from {{ ref('int_appointments__placed') }}
),

swept as (
    select
        visits.*,
        appointments.appointment_id,
        appointments.patient_id,
        max(visits.ends_at) over (
            partition by visits.clinic_id, visits.resource_id, visits.local_date
            order by visits.starts_at, visits.ends_at, visits.taken_by_id
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from visits
    inner join appointments on visits.taken_by_id = appointments.appointment_id
),

final as (
    select
        cast(appointment_id as string) as appointment_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(resource_id as string) as resource_id,
        cast(patient_id as string) as patient_id,
        cast(currency as string) as currency,
        cast(
            case
                when reached_at is null or starts_at >= reached_at then {{ seconds_between('starts_at', 'ends_at') }}
                when ends_at > reached_at then {{ seconds_between('reached_at', 'ends_at') }}
                else 0
            end as bigint
        ) as sold_seconds,
        cast(local_date as date) as local_date
    from swept
)

select * from final
