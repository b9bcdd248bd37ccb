with

needed as (
    select * from {{ ref('metric_needs') }}
),

available as (
    select * from {{ ref('int_metrics__available') }}
    where is_available
),

calendar_rules as (
    select distinct
        cast(_source as string) as source_id,
        entity,
        rule
    from {{ source('ops', 'calendar_rules') }}
),

assumed_inputs as (
    select
        cast(_source as string) as source_id,
        entity,
        entity || '.' || column_name as input_name
    from {{ source('ops', 'source_inputs') }}
    where is_assumed
),

-- A rule that stands in for nothing, because the export says it all, is no ground of any figure.
applied as (
    select distinct
        source_id,
        'resource_hours' as entity
    from {{ ref('fct_room_hours') }}
    where is_assumed
    union all
    select distinct
        source_id,
        'shifts' as entity
    from {{ ref('fct_shifts') }}
    where is_assumed
),

final as (
    select distinct
        cast(available.source_id as string) as source_id,
        cast(available.mart as string) as mart,
        cast(available.metric as string) as metric,
        cast(calendar_rules.rule as string) as calendar_rule
    from available
    inner join needed on available.mart = needed.mart and available.metric = needed.metric
    inner join assumed_inputs
        on
            available.source_id = assumed_inputs.source_id
            and {{ dbt.position("'|' || assumed_inputs.input_name || '|'", "'|' || needed.needs || '|'") }} > 0
    inner join applied
        on assumed_inputs.source_id = applied.source_id and assumed_inputs.entity = applied.entity
    inner join calendar_rules
        on assumed_inputs.source_id = calendar_rules.source_id and assumed_inputs.entity = calendar_rules.entity
)

select * from final
