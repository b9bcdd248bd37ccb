with

resources as (
    select * from {{ ref('stg_resources__history') }}
),

final as (
    select
        cast(resource_id as string) as resource_id,
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
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
    from resources
)

select * from final
