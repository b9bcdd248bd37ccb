with

services as (
    select * from {{ ref('stg_services') }}
),

final as (
    select
        cast(service_id as string) as service_id,
        cast(source_id as string) as source_id,
        cast(service_name as string) as service_name,
        cast(service_category as string) as service_category,
        cast(service_stage as string) as service_stage,
        cast(norm_minutes as decimal(18, 4)) as norm_minutes,
        cast(norm_direct_cost_amount as decimal(18, 2)) as norm_direct_cost_amount
    from services
)

select * from final
