with

source as (
    {{ latest_version(
        'plan_items', ['plan_item_id'], updated_at='updated_at',
        renamed={'service_id': 'services'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('plan_item_id') }} as string) as plan_item_id,
        cast({{ qualified_id('plan_id') }} as string) as plan_id,
        cast({{ qualified_id('service_id') }} as string) as service_id,
        cast(_source as string) as source_id,
        cast(is_required as boolean) as is_required,
        cast(alternative_group as string) as alternative_group,
        cast(plan_version as bigint) as plan_version,
        cast(position as bigint) as item_position,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(price_amount as decimal(18, 2)) as price_amount,
        cast(item_amount as decimal(18, 2)) as item_amount,
        cast(direct_cost_amount as decimal(18, 2)) as direct_cost_amount,
        cast(accepted_at as timestamp) as accepted_at,
        cast(declined_at as timestamp) as declined_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
