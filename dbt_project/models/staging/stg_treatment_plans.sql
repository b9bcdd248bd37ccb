with

source as (
    {{ latest_version(
        'treatment_plans', ['plan_id', 'plan_version'], updated_at='updated_at',
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
        cast(programme as string) as programme,
        cast(status as string) as plan_status,
        cast(plan_version as bigint) as plan_version,
        cast(presented_at as timestamp) as presented_at,
        cast(signed_at as timestamp) as signed_at,
        cast(closed_at as timestamp) as closed_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
