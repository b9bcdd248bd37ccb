{#
  Every KPI as a row: for pages that show any of them. Days and weeks are in the wide marts. What is computed of others shows what is
  divided by what, factors included.
#}
{%- set kinds = "('month', 'quarter', 'year')" -%}
with

metrics as (
    select * from {{ ref('metrics') }}
    where domain = 'kpi'
),

targets as (
    select * from {{ ref('mart_triune__targets') }}
    where domain = 'kpi'
),

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where period_kind in {{ kinds }}
),

figures as (
    {%- for mart, part, numbers in [
        ('mart_kpi__periods', "'(all)'", range(1, 30)),
        ('mart_kpi__fee_levels', 'fee_level', range(30, 32)),
        ('mart_kpi__payers', 'payer', range(32, 34))
    ] %}
    {%- for name, terms in catalogue()[mart].items() if terms.get('number') in numbers %}
    {%- set above, below = kpi_fraction(name, terms) %}
    {{ 'union all' if terms['number'] > 1 }}
    select
        scope_id,
        period_kind,
        period_start,
        {{ terms['number'] }} as kpi_number,
        '{{ name }}' as metric,
        {{ part }} as part,
        cast({{ name }} as decimal(28, 6)) as kpi_value,
        cast({{ above }} as decimal(28, 6)) as numerator_value,
        cast({{ below }} as decimal(28, 6)) as denominator_value
    from {{ ref(mart) }}
    where period_kind in {{ kinds }}
    {%- endfor %}
    {%- endfor %}
),

dated as (
    select
        *,
        case period_kind
            when 'month' then {{ add_months('period_start', -1) }}
            when 'quarter' then {{ add_months('period_start', -3) }}
            else {{ add_months('period_start', -12) }}
        end as previous_start,
        {{ add_months('period_start', -12) }} as year_before_start
    from figures
),

final as (
    select
        {{ scope_and_period_columns('scope_periods') }},
        cast(dated.kpi_number as integer) as kpi_number,
        cast(dated.metric as string) as metric,
        cast(dated.part as string) as part,
        cast(metrics.unit as string) as unit,
        cast(metrics.direction as string) as direction,
        cast(targets.is_attained as boolean) as is_attained,
        cast(dated.kpi_value as decimal(28, 6)) as kpi_value,
        cast(dated.numerator_value as decimal(28, 6)) as numerator_value,
        cast(dated.denominator_value as decimal(28, 6)) as denominator_value,
        cast(targets.target_value as decimal(28, 6)) as target_value,
        cast(targets.attainment_share as decimal(18, 6)) as attainment_share,
        cast(previous.kpi_value as decimal(28, 6)) as previous_value,
        cast(dated.kpi_value - previous.kpi_value as decimal(28, 6)) as change_value,
        cast(year_before.kpi_value as decimal(28, 6)) as year_before_value,
        cast(dated.kpi_value - year_before.kpi_value as decimal(28, 6)) as year_change_value
    from dated
    inner join scope_periods
        on
            dated.scope_id = scope_periods.scope_id
            and dated.period_kind = scope_periods.period_kind
            and dated.period_start = scope_periods.period_start
    inner join metrics on dated.metric = metrics.metric
    left join targets
        on
            dated.scope_id = targets.scope_id
            and dated.period_kind = targets.period_kind
            and dated.period_start = targets.period_start
            and dated.metric = targets.metric
    left join figures as previous
        on
            dated.scope_id = previous.scope_id
            and dated.period_kind = previous.period_kind
            and dated.previous_start = previous.period_start
            and dated.metric = previous.metric
            and dated.part = previous.part
    left join figures as year_before
        on
            dated.scope_id = year_before.scope_id
            and dated.period_kind = year_before.period_kind
            and dated.year_before_start = year_before.period_start
            and dated.metric = year_before.metric
            and dated.part = year_before.part
)

select * from final
