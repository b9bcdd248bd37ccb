{%- set pct = var('sensitivity_pct') | int -%}
{%- set period = 'scope_id, period_kind, period_start' -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic') and period_kind in ('month', 'quarter', 'year')
),

figures as (
    {{ tree_figures() }}
),

factors as (
    select
        *,
        {{ exact_quotient('value_numerator', 'value_denominator', input_scale=0) }} as value,
        {{ exact_quotient('value_numerator * ' ~ (100 + pct), 'value_denominator * 100', input_scale=0) }}
            as raised_value,
        max(case when factor_position = factor_count then figure end)
            over (partition by {{ period }}, tree, branch) as kopecks
    from figures
),

-- All factors of a branch at once: each of them that is known multiplies the amount.
branches as (
    select
        {{ period }},
        tree,
        branch,
        cast({{ from_kopecks('kopecks') }} as decimal(18, 6)) as value,
        cast(case count(value)
            when 0 then {{ from_kopecks('kopecks') }}
            {%- for count in range(1, most_factors() + 1) %}
            when {{ count }} then {{ money_quotient('kopecks * ' ~ (100 + pct) ** count, 100 ** (count + 1)) }}
            {%- endfor %}
        end as decimal(18, 6)) as raised_value
    from factors
    group by {{ period }}, tree, branch, kopecks
),

measured as (
    select
        {{ period }},
        tree,
        branch,
        factor,
        factor_position,
        value,
        raised_value,
        case when value is not null then {{ money_quotient('kopecks * ' ~ pct, 10000) }} end as effect_amount,
        case when is_share then raised_value > 1 end as is_beyond_whole
    from factors
    union all
    select
        {{ period }},
        tree,
        branch,
        '(all)' as factor,
        0 as factor_position,
        value,
        raised_value,
        raised_value - value as effect_amount,
        cast(null as boolean) as is_beyond_whole
    from branches
    union all
    select
        {{ period }},
        tree,
        '(all)' as branch,
        '(all)' as factor,
        0 as factor_position,
        cast(sum(value) as decimal(18, 6)) as value,
        cast(sum(raised_value) as decimal(18, 6)) as raised_value,
        sum(raised_value - value) as effect_amount,
        cast(null as boolean) as is_beyond_whole
    from branches
    group by {{ period }}, tree
),

final as (
    select
        {{ scope_and_period_columns('scope_periods') }},
        cast(measured.tree as string) as tree,
        cast(measured.branch as string) as branch,
        cast(measured.factor as string) as factor,
        cast(measured.factor_position as integer) as factor_position,
        {{ metric_columns('mart_triune__sensitivity') }}
    from measured
    inner join scope_periods using ({{ period }})
)

select * from final
