with

source as (
    {{ latest_version(
        'appointments', ['appointment_id'], updated_at='updated_at',
        renamed={
            'patient_id': 'patients', 'employee_id': 'employees', 'resource_id': 'resources',
            'rescheduled_to_appointment_id': 'appointments', 'appointment_id': 'appointments'
        }
    ) }}
),

final as (
    select
        cast({{ qualified_id('appointment_id') }} as string) as appointment_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast({{ qualified_id('slot_id') }} as string) as slot_id,
        cast({{ qualified_id('lead_id') }} as string) as lead_id,
        cast({{ qualified_id('plan_item_id') }} as string) as plan_item_id,
        cast({{ qualified_id('rescheduled_to_appointment_id') }} as string) as rescheduled_to_appointment_id,
        cast(_source as string) as source_id,
        cast(visit_kind as string) as visit_kind,
        cast(status as string) as appointment_status,
        cast(cancelled_by as string) as cancelled_by,
        cast(is_complaint as boolean) as is_complaint,
        cast(is_record_signed as boolean) as is_record_signed,
        cast(booked_at as timestamp) as booked_at,
        cast(planned_start_at as timestamp) as planned_start_at,
        cast(planned_end_at as timestamp) as planned_end_at,
        cast(arrived_at as timestamp) as arrived_at,
        cast(started_at as timestamp) as started_at,
        cast(ended_at as timestamp) as ended_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
