with

source as (
    {{ latest_version(
        'timesheets', ['employee_id', 'work_date'], updated_at='updated_at',
        renamed={'employee_id': 'employees'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(worked_hours as decimal(18, 4)) as worked_hours,
        cast(work_date as date) as work_date,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
