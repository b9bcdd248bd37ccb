with

source as (
    {{ latest_version('resource_hours', ['resource_hours_id'], renamed={'resource_id': 'resources' }) }}
),

final as (
    select
        cast({{ qualified_id('resource_hours_id') }} as string) as resource_hours_id,
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast(_source as string) as source_id,
        cast(rule_kind as string) as rule_kind,
        cast(weekday as bigint) as weekday,
        cast(on_date as date) as on_date,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(opens_at as time) as opens_at,
        cast(closes_at as time) as closes_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
