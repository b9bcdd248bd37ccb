with

services as (
    select * from {{ ref('stg_services__history') }}
),

final as (
    select
        cast(service_id as string) as service_id,
        cast(source_id as string) as source_id,
        cast(service_name as string) as service_name,
        cast(service_category as string) as service_category,
        cast(service_stage as string) as service_stage,
        cast(norm_minutes as decimal(18, 4)) as norm_minutes,
        cast(norm_direct_cost_amount as decimal(18, 2)) as norm_direct_cost_amount,
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from services
)

select * from final
