with

metrics as (
    select * from {{ ref('int_metrics__available') }}
    where not is_available
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(mart as string) as mart,
        cast(metric as string) as metric,
        cast(missing_inputs as string) as missing_inputs
    from metrics
)

select * from final
