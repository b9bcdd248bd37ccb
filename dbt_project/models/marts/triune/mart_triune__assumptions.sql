with

metrics as (
    select * from {{ ref('int_metrics__assumed') }}
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(mart as string) as mart,
        cast(metric as string) as metric,
        cast(calendar_rule as string) as calendar_rule
    from metrics
)

select * from final
