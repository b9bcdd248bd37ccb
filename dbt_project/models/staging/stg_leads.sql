with

source as (
    {{ latest_version(
        'leads', ['lead_id'], updated_at='updated_at',
        renamed={'patient_id': 'patients', 'first_appointment_id': 'appointments'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('lead_id') }} as string) as lead_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('first_appointment_id') }} as string) as first_appointment_id,
        cast(_source as string) as source_id,
        cast(channel as string) as channel,
        cast(created_at as timestamp) as created_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
