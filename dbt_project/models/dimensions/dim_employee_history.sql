with

employees as (
    select * from {{ ref('stg_employees__history') }}
),

final as (
    select
        cast(employee_id as string) as employee_id,
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(staff_role as string) as staff_role,
        cast(specialty as string) as specialty,
        cast(fte as decimal(18, 4)) as fte,
        cast(hired_on as date) as hired_on,
        cast(dismissed_on as date) as dismissed_on,
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from employees
)

select * from final
