{# Appointments that stand or once stood, over the days on which they were known to, with what tells their scopes. #}
with

appointments as (
    select * from {{ ref('fct_appointments__known') }}
    where appointment_status not in ('cancelled', 'rescheduled')
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

final as (
    select
        cast(appointments.appointment_id as string) as appointment_id,
        cast(appointments.source_id as string) as source_id,
        cast(appointments.currency as string) as currency,
        cast(appointments.clinic_id as string) as clinic_id,
        cast(employees.specialty as string) as specialty,
        cast(appointments.employee_id as string) as employee_id,
        cast(appointments.patient_id as string) as patient_id,
        cast(appointments.booked_on as date) as booked_on,
        cast(appointments.local_date as date) as local_date,
        cast(appointments.known_from as date) as known_from,
        cast(appointments.known_until as date) as known_until
    from appointments
    left join employees
        on
            appointments.employee_id = employees.employee_id
            and {{ is_version_of('employees', 'appointments.local_date') }}
)

select * from final
