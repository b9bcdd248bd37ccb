with

source as (
    {{ latest_version(
        'shifts', ['shift_id'], updated_at='updated_at',
        renamed={'employee_id': 'employees', 'resource_id': 'resources'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('shift_id') }} as string) as shift_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast(_source as string) as source_id,
        cast(is_clinical as boolean) as is_clinical,
        cast(is_cancelled as boolean) as is_cancelled,
        cast(starts_at as timestamp) as starts_at,
        cast(ends_at as timestamp) as ends_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
