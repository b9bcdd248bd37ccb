{# Versions of plans over the days on which they were known, with what was known of their end. #}
with

versions as (
    select * from {{ ref('stg_treatment_plans__known') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

placed as (
    select
        versions.plan_id,
        versions.source_id,
        versions.patient_id,
        versions.plan_version,
        versions.known_from,
        versions.known_until,
        clinics.clinic_id,
        coalesce(versions.employee_id, appointments.employee_id) as employee_id,
        clinics.currency,
        clinics.time_zone,
        {{ local_date('versions.presented_at', 'clinics.time_zone') }} as presented_on,
        case
            when versions.closed_at is not null then {{ local_date('versions.closed_at', 'clinics.time_zone') }}
            -- Closed on a day that nobody knows: no later than it was told.
            when versions.plan_status in ('completed', 'abandoned') then versions.known_from
        end as closed_on
    from versions
    left join appointments on versions.appointment_id = appointments.appointment_id
    inner join clinics on coalesce(versions.clinic_id, appointments.clinic_id) = clinics.clinic_id
),

final as (
    select
        cast(plan_id as string) as plan_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(time_zone as string) as time_zone,
        cast(clinic_id as string) as clinic_id,
        cast(employee_id as string) as employee_id,
        cast(patient_id as string) as patient_id,
        cast(plan_version as bigint) as plan_version,
        cast(presented_on as date) as presented_on,
        cast(closed_on as date) as closed_on,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from placed
)

select * from final
