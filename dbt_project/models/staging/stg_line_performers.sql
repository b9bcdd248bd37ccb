with

source as (
    {{ latest_version(
        'line_performers', ['service_line_id', 'employee_id', 'performer_role'], updated_at='updated_at',
        renamed={'employee_id': 'employees'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('service_line_id') }} as string) as service_line_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast(_source as string) as source_id,
        cast(performer_role as string) as performer_role,
        cast(participation_hours as decimal(18, 4)) as participation_hours,
        cast(participation_points as decimal(18, 4)) as participation_points,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
