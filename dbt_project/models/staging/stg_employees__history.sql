with

source as (
    {{ version_history(
        'employees', ['employee_id'],
        ['clinic_id', 'staff_role', 'specialty', 'fte', 'hired_on', 'dismissed_on'],
        renamed={'employee_id': 'employees'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(staff_role as string) as staff_role,
        cast(specialty as string) as specialty,
        cast(fte as decimal(18, 4)) as fte,
        cast(hired_on as date) as hired_on,
        cast(dismissed_on as date) as dismissed_on,
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from source
)

select * from final
