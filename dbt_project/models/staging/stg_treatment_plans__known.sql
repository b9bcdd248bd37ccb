with

source as (
    {{ known_versions(
        'treatment_plans', ['plan_id', 'plan_version'],
        ['clinic_id', 'patient_id', 'employee_id', 'appointment_id', 'presented_at', 'closed_at', 'status'],
        renamed={'patient_id': 'patients', 'employee_id': 'employees', 'appointment_id': 'appointments'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('plan_id') }} as string) as plan_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('appointment_id') }} as string) as appointment_id,
        cast(_source as string) as source_id,
        cast(status as string) as plan_status,
        cast(plan_version as bigint) as plan_version,
        cast(presented_at as timestamp) as presented_at,
        cast(closed_at as timestamp) as closed_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
