with

-- Some inputs are needed for one value of a parameter only.
needed as (
    select * from {{ ref('metric_needs') }}
    where needed_if in (
        'always'
        {%- for parameter, about in parameters().items() if about['has_needs'] %},
        '{{ parameter }}={{ var(parameter) }}'
        {%- endfor %}
    )
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

distinct_needs as (
    select distinct needs from needed
),

-- `a.b|c.d` is met by either. An input that no source has ever been asked for is not met.
met as (
    select
        sources.source_id,
        distinct_needs.needs,
        max(case when inputs.is_known then 1 else 0 end) = 1 as is_met
    from distinct_needs
    cross join sources
    left join inputs
        on
            sources.source_id = inputs.source_id
            and {{ dbt.position("'|' || inputs.input_name || '|'", "'|' || distinct_needs.needs || '|'") }} > 0
    group by sources.source_id, distinct_needs.needs
),

unmet as (
    select
        met.source_id,
        needed.mart,
        needed.metric,
        met.is_met,
        case when not met.is_met then replace(met.needs, '|', ' or ') end as unmet
    from needed
    inner join met on needed.needs = met.needs
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
