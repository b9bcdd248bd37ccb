with

source as (
    {{ latest_version(
        'referrals', ['referral_id'], updated_at='updated_at',
        renamed={
            'patient_id': 'patients', 'from_employee_id': 'employees', 'to_employee_id': 'employees',
            'from_appointment_id': 'appointments', 'to_appointment_id': 'appointments'
        }
    ) }}
),

final as (
    select
        cast({{ qualified_id('referral_id') }} as string) as referral_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('from_employee_id') }} as string) as from_employee_id,
        cast({{ qualified_id('to_employee_id') }} as string) as to_employee_id,
        cast({{ qualified_id('from_appointment_id') }} as string) as from_appointment_id,
        cast({{ qualified_id('to_appointment_id') }} as string) as to_appointment_id,
        cast(_source as string) as source_id,
        cast(to_specialty as string) as to_specialty,
        cast(outcome as string) as outcome,
        cast(referred_at as timestamp) as referred_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
