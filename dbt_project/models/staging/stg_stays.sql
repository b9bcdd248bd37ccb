with

source as (
    {{ latest_version(
        'stays', ['stay_id'], updated_at='updated_at',
        renamed={'patient_id': 'patients', 'resource_id': 'resources'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('stay_id') }} as string) as stay_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast(_source as string) as source_id,
        cast(package as string) as package,
        cast(status as string) as stay_status,
        cast(arrived_on as date) as arrived_on,
        cast(departed_on as date) as departed_on,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
