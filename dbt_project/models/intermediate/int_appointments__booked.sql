{# Appointments that stand or once stood, with the local dates on which they were booked and withdrawn. #}
with

appointments as (
    select * from {{ ref('int_appointments__placed') }}
),

withdrawals as (
    select * from {{ ref('fct_withdrawals') }}
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
        cast(withdrawals.known_on as date) as withdrawn_on,
        cast(appointments.local_date as date) as local_date
    from appointments
    inner join clinics on appointments.clinic_id = clinics.clinic_id
    left join withdrawals
        on
            appointments.appointment_id = withdrawals.appointment_id
            and appointments.appointment_status in ('cancelled', 'rescheduled')
    where
        appointments.appointment_status not in ('cancelled', 'rescheduled')
        or withdrawals.appointment_id is not null
)

select * from final
