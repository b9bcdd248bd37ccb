with

source as (
    {{ known_versions(
        'appointments', ['appointment_id'],
        ['status', 'clinic_id', 'patient_id', 'employee_id', 'booked_at', 'planned_start_at'],
        renamed={'appointment_id': 'appointments', 'patient_id': 'patients', 'employee_id': 'employees'},
        known_at_once=true
    ) }}
),

final as (
    select
        cast({{ qualified_id('appointment_id') }} as string) as appointment_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast(_source as string) as source_id,
        cast(status as string) as appointment_status,
        cast(booked_at as timestamp) as booked_at,
        cast(planned_start_at as timestamp) as planned_start_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
