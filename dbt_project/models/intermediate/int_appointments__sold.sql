{#
  The sold time of a resource, shared out over its visits: a sweep as in union_seconds, that keeps what each visit adds. The shares of a
  resource and day sum to its sold time.
#}
with

appointments as (
    select * from {{ ref('int_appointments__placed') }}
    where is_attended
),

resources as (
    select * from {{ ref('dim_resource_history') }}
    where is_capacity
),

swept as (
    select
        appointments.*,
        max(appointments.ends_at) over (
            partition by appointments.clinic_id, appointments.resource_id, appointments.local_date
            order by appointments.starts_at, appointments.ends_at, appointments.appointment_id
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from appointments
    inner join resources
        on
            appointments.resource_id = resources.resource_id
            and {{ is_version_of('resources', 'appointments.local_date') }}
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
