{# Appointments with what tells their scopes. #}
with

appointments as (
    select * from {{ ref('fct_appointments') }}
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

final as (
    select
        cast(appointments.appointment_id as string) as appointment_id,
        cast(appointments.source_id as string) as source_id,
        cast(appointments.clinic_id as string) as clinic_id,
        cast(employees.specialty as string) as specialty,
        cast(appointments.employee_id as string) as employee_id,
        cast(appointments.resource_id as string) as resource_id,
        cast(appointments.patient_id as string) as patient_id,
        cast(appointments.lead_id as string) as lead_id,
        cast(appointments.plan_item_id as string) as plan_item_id,
        cast(appointments.rescheduled_to_appointment_id as string) as rescheduled_to_appointment_id,
        cast(appointments.appointment_status as string) as appointment_status,
        cast(appointments.visit_kind as string) as visit_kind,
        cast(appointments.cancelled_by as string) as cancelled_by,
        cast(appointments.currency as string) as currency,
        cast(appointments.is_attended as boolean) as is_attended,
        cast(appointments.is_complaint as boolean) as is_complaint,
        cast(appointments.is_time_imputed as boolean) as is_time_imputed,
        cast(appointments.attended_seconds as bigint) as attended_seconds,
        cast(appointments.local_date as date) as local_date,
        cast(appointments.booked_at as timestamp) as booked_at,
        cast(appointments.planned_start_at as timestamp) as planned_start_at,
        cast(appointments.arrived_at as timestamp) as arrived_at,
        cast(appointments.started_at as timestamp) as started_at,
        cast(appointments.ended_at as timestamp) as ended_at,
        cast(appointments.starts_at as timestamp) as starts_at,
        cast(appointments.ends_at as timestamp) as ends_at
    from appointments
    left join employees
        on
            appointments.employee_id = employees.employee_id
            and {{ is_version_of('employees', 'appointments.local_date') }}
)

select * from final
