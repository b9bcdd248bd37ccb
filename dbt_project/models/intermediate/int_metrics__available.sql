with

needed as (
    select * from {{ ref('int_metrics__needed') }}
),

inputs as (
    select
        cast(_source as string) as source_id,
        entity || '.' || column_name as input_name,
        is_provided or coalesce(is_assumed, false) as is_known
    from {{ source('ops', 'source_inputs') }}
),

sources as (
    select distinct source_id from inputs
),

-- `a.b|c.d` is met by either. An input that no source has ever been asked for is not met.
met as (
    select
        sources.source_id,
        needed.mart,
        needed.metric,
        needed.needs,
        max(case when inputs.is_known then 1 else 0 end) = 1 as is_met
    from needed
    cross join sources
    left join inputs
        on
            sources.source_id = inputs.source_id
            and {{ dbt.position("'|' || inputs.input_name || '|'", "'|' || needed.needs || '|'") }} > 0
    group by sources.source_id, needed.mart, needed.metric, needed.needs
),

unmet as (
    select
        *,
        case when not is_met then replace(needs, '|', ' or ') end as unmet
    from met
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(mart as string) as mart,
        cast(metric as string) as metric,
        cast({{ dbt.listagg('unmet', "', '", 'order by unmet') }} as string) as missing_inputs,
        cast(min(case when is_met then 1 else 0 end) = 1 as boolean) as is_available
    from unmet
    group by source_id, mart, metric
)

select * from final
