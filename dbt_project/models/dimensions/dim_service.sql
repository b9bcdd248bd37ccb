{# What is known of each last; of one that is gone, too, for old rows still name it. #}
with

services as (
    select * from {{ ref('stg_services__history') }}
    where version_to is null
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
        cast(removed_on as date) as removed_on
    from services
)

select * from final
