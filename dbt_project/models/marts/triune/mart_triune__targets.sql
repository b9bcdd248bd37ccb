with

targets as (
    select * from {{ ref('targets') }}
),

metrics as (
    select * from {{ ref('metrics') }}
),

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
),

actual as (
    {%- for mart, names in targeted_metrics().items() %}
    {%- for name in names %}
    select
        scope_id,
        period_kind,
        period_start,
        '{{ mart.split('__')[0] | replace('mart_', '') }}' as domain,
        '{{ name }}' as metric,
        cast({{ name }} as decimal(28, 6)) as actual_value
    from {{ ref(mart) }}
    where period_kind in ('month', 'quarter', 'year')
    union all
    {%- endfor %}
    {%- endfor %}
    select
        scope_id,
        period_kind,
        period_start,
        '' as domain,
        '' as metric,
        cast(null as decimal(28, 6)) as actual_value
    from scope_periods
    where false
),

-- Whether the actual value is as far as it should be depends on which way is better.
compared as (
    select
        scope_periods.*,
        targets.domain,
        targets.metric,
        metrics.unit,
        metrics.direction,
        targets.note,
        targets.target_value,
        actual.actual_value,
        case metrics.direction
            when 'higher' then actual.actual_value
            when 'lower' then targets.target_value
        end as attained_part,
        case metrics.direction
            when 'higher' then targets.target_value
            when 'lower' then actual.actual_value
        end as attained_whole
    from targets
    inner join metrics on targets.domain = metrics.domain and targets.metric = metrics.metric
    inner join scope_periods
        on
            targets.scope_id = scope_periods.scope_id
            and targets.period_kind = scope_periods.period_kind
            and targets.valid_from <= scope_periods.period_start
            and coalesce(targets.valid_to, scope_periods.period_start) >= scope_periods.period_start
    left join actual
        on
            scope_periods.scope_id = actual.scope_id
            and scope_periods.period_kind = actual.period_kind
            and scope_periods.period_start = actual.period_start
            and targets.domain = actual.domain
            and targets.metric = actual.metric
),

final as (
    select
        {{ scope_and_period_columns() }},
        cast(domain as string) as domain,
        cast(metric as string) as metric,
        cast(unit as string) as unit,
        cast(direction as string) as direction,
        cast(note as string) as note,
        cast(attained_part >= attained_whole as boolean) as is_attained,
        cast(target_value as decimal(28, 6)) as target_value,
        cast(actual_value as decimal(28, 6)) as actual_value,
        cast(actual_value - target_value as decimal(28, 6)) as deviation_value,
        {{ exact_quotient('attained_part', 'attained_whole', input_scale=6) }} as attainment_share
    from compared
)

select * from final
