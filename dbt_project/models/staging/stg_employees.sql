with

source as (
    {{ latest_version('employees', ['employee_id'], renamed={'employee_id': 'employees' }) }}
),

final as (
    select
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(staff_role as string) as staff_role,
        cast(specialty as string) as specialty,
        cast(fte as decimal(18, 4)) as fte,
        cast(salary_amount as decimal(18, 2)) as salary_amount,
        cast(hired_on as date) as hired_on,
        cast(dismissed_on as date) as dismissed_on,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
