with

source as (
    {{ version_history(
        'resource_hours', ['resource_hours_id'],
        ['resource_id', 'rule_kind', 'on_date', 'weekday', 'valid_from', 'valid_to', 'opens_at', 'closes_at'],
        renamed={'resource_id': 'resources'}
    ) }}
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
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from source
)

select * from final
