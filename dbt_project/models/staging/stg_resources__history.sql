with

source as (
    {{ version_history(
        'resources', ['resource_id'],
        ['clinic_id', 'resource_name', 'resource_kind', 'specialty', 'is_capacity', 'purchase_cost_amount', 'valid_from', 'valid_to'],
        renamed={'resource_id': 'resources'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(resource_name as string) as resource_name,
        cast(resource_kind as string) as resource_kind,
        cast(specialty as string) as specialty,
        cast(is_capacity as boolean) as is_capacity,
        cast(purchase_cost_amount as decimal(18, 2)) as purchase_cost_amount,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from source
)

select * from final
