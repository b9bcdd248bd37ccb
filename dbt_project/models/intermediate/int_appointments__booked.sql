{# Appointments that stand, with the local date on which they were booked. #}
with

appointments as (
    select * from {{ ref('int_appointments__placed') }}
    where appointment_status not in ('cancelled', 'rescheduled')
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(appointments.appointment_id as string) as appointment_id,
        cast(appointments.source_id as string) as source_id,
        cast(appointments.currency as string) as currency,
        cast(appointments.clinic_id as string) as clinic_id,
        cast(appointments.specialty as string) as specialty,
        cast(appointments.employee_id as string) as employee_id,
        cast(appointments.patient_id as string) as patient_id,
        cast({{ local_date('appointments.booked_at', 'clinics.time_zone') }} as date) as booked_on,
        cast(appointments.local_date as date) as local_date
    from appointments
    inner join clinics on appointments.clinic_id = clinics.clinic_id
)

select * from final
