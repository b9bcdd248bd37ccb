with

source as (
    {{ latest_version(
        'slots', ['slot_id'], updated_at='updated_at',
        renamed={'resource_id': 'resources', 'employee_id': 'employees'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('slot_id') }} as string) as slot_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast(_source as string) as source_id,
        cast(is_booked as boolean) as is_booked,
        cast(slot_minutes as decimal(18, 4)) as slot_minutes,
        cast(starts_at as timestamp) as starts_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
