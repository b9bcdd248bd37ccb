{#
  A table, not incremental: performers carry no day of their own, so a changed one names no day to rebuild.
#}
with

line_performers as (
    select * from {{ ref('stg_line_performers') }}
),

final as (
    select
        cast(service_line_id as string) as service_line_id,
        cast(employee_id as string) as employee_id,
        cast(source_id as string) as source_id,
        cast(performer_role as string) as performer_role,
        cast(participation_hours as decimal(18, 4)) as participation_hours,
        cast(participation_points as decimal(18, 4)) as participation_points
    from line_performers
)

select * from final
