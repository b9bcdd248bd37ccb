with

source as (
    {{ known_versions(
        'plan_items', ['plan_item_id'],
        ['plan_id', 'plan_version', 'service_id', 'alternative_group', 'position', 'quantity', 'item_amount', 'declined_at'],
        renamed={'service_id': 'services'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('plan_item_id') }} as string) as plan_item_id,
        cast({{ qualified_id('plan_id') }} as string) as plan_id,
        cast({{ qualified_id('service_id') }} as string) as service_id,
        cast(_source as string) as source_id,
        cast(alternative_group as string) as alternative_group,
        cast(plan_version as bigint) as plan_version,
        cast(position as bigint) as item_position,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(item_amount as decimal(18, 2)) as item_amount,
        cast(declined_at as timestamp) as declined_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
