{%- set branch = ['pair_number', 'branch_number'] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where period_kind <> 'day'
),

bases as (
    {%- for against in ['previous', 'year_ago'] %}
    {{ 'union all' if not loop.first }}
    select
        *,
        '{{ against }}' as against,
        {{ base_start(against, 'period_kind', 'period_start') }} as base_start
    from scope_periods
    {%- endfor %}
),

figures as (
    {{ tree_figures() }}
),

periods_with_figures as (
    select distinct
        scope_id,
        period_kind,
        period_start
    from figures
    where figure <> 0
),

-- Numbered, because everything below is grouped by them. A pair of periods without anything has no rows.
scope_pairs as (
    select
        bases.*,
        base_periods.period_end as base_end,
        row_number() over (order by bases.scope_id, bases.period_kind, bases.period_start, bases.against) as pair_number
    from bases
    inner join scope_periods as base_periods
        on
            bases.scope_id = base_periods.scope_id
            and bases.period_kind = base_periods.period_kind
            and bases.base_start = base_periods.period_start
    left join periods_with_figures as later
        on
            bases.scope_id = later.scope_id
            and bases.period_kind = later.period_kind
            and bases.period_start = later.period_start
    left join periods_with_figures as earlier
        on
            bases.scope_id = earlier.scope_id
            and bases.period_kind = earlier.period_kind
            and bases.base_start = earlier.period_start
    where later.scope_id is not null or earlier.scope_id is not null
),

pairs as (
    select
        figures.*,
        scope_pairs.pair_number,
        figures.factor_position as position,
        base_figures.figure as before,
        figures.figure as after,
        base_figures.value_numerator as base_numerator,
        base_figures.value_denominator as base_denominator
    from scope_pairs
    inner join figures
        on
            scope_pairs.scope_id = figures.scope_id
            and scope_pairs.period_kind = figures.period_kind
            and scope_pairs.period_start = figures.period_start
    inner join figures as base_figures
        on
            scope_pairs.scope_id = base_figures.scope_id
            and scope_pairs.period_kind = base_figures.period_kind
            and scope_pairs.base_start = base_figures.period_start
            and figures.branch_number = base_figures.branch_number
            and figures.factor_position = base_figures.factor_position
),

slotted as (
    {{ bridge_slots('pairs', branch) }}
),

amounts as (
    {{ bridge_amounts('slotted', branch, most_factors()) }}
),

parts as (
    {{ bridge_parts('slotted', 'amounts', branch, most_factors()) }}
),

measured as (
    select
        pairs.*,
        {{ exact_quotient('base_numerator', 'base_denominator', input_scale=0) }} as value_before,
        {{ exact_quotient('value_numerator', 'value_denominator', input_scale=0) }} as value_after,
        {{ from_kopecks('shapley_kopecks') }} as shapley_amount,
        {{ from_kopecks('chain_kopecks') }} as chain_amount
    from pairs
    inner join parts using (pair_number, branch_number, position)
),

final as (
    select
        {{ scope_and_period_columns('scope_pairs') }},
        cast(scope_pairs.against as string) as against,
        cast(measured.tree as string) as tree,
        cast(measured.branch as string) as branch,
        cast(measured.factor as string) as factor,
        cast(measured.factor_position as integer) as factor_position,
        {{ metric_columns('mart_triune__bridge') }},
        cast(scope_pairs.base_start as date) as base_start,
        cast(scope_pairs.base_end as date) as base_end
    from scope_pairs
    inner join measured on scope_pairs.pair_number = measured.pair_number
)

select * from final
