{#
  The figures of the trees (models/metrics/trees.yaml), and which periods they are compared between.
#}

{#
  One row per scope, period, branch and factor, days apart: `figure`, money in kopecks; the value of the factor, `value_numerator` /
  `value_denominator`; and `factor_count`, how many factors the branch has. `branch_number` is a short key of tree and branch.
#}
{% macro tree_figures() -%}
    {%- set seen = [] -%}
    {%- for tree, about in trees().items() %}
    {%- for branch, factors in about['branches'].items() %}
    {%- do seen.append(branch) %}
    {%- for factor in factors %}
    {{ 'union all' if seen | length > 1 or not loop.first }}
    select
        scope_id,
        period_kind,
        '{{ tree }}' as tree,
        '{{ branch }}' as branch,
        '{{ factor["name"] }}' as factor,
        {{ seen | length }} as branch_number,
        {{ loop.index }} as factor_position,
        {{ factors | length }} as factor_count,
        {{ 'true' if factor['unit'] == 'share' else 'false' }} as is_share,
        {{ to_whole(factor) }} as figure,
        {{ to_whole(factor) }} * {{ factor['numerator'] }} as value_numerator,
        {{ to_whole(factors[loop.index0 - 1]) if loop.index0 else 1 }} * {{ factor['denominator'] }} as value_denominator,
        period_start
    from {{ ref(about['mart']) }}
    where period_kind <> 'day'
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{% macro to_whole(factor) -%}
    {{ return(adapter.dispatch('to_whole', 'triune')(factor)) }}
{%- endmacro %}

{% macro duckdb__to_whole(factor) -%}
    cast({{ factor['figure'] }}{{ ' * 100' if factor['is_amount'] }} as hugeint)
{%- endmacro %}

{% macro from_kopecks(kopecks) -%}
    cast(cast({{ kopecks }} as decimal(38, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
{%- endmacro %}

{# How many factors the longest branch has. #}
{% macro most_factors() -%}
    {%- set lengths = [] -%}
    {%- for tree in trees().values() -%}
        {%- for factors in tree['branches'].values() -%}
            {%- do lengths.append(factors | length) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(lengths | max) }}
{%- endmacro %}

{# The first day of the period that another is compared with: the one before, or that of a year ago; for a week 52 weeks ago. #}
{% macro base_start(against, period_kind, period_start) -%}
    case {{ period_kind }}
        when 'week' then {{ add_days(period_start, -7 if against == 'previous' else -364) }}
        {%- for kind, months in {'month': 1, 'quarter': 3, 'year': 12}.items() %}
        when '{{ kind }}' then {{ add_months(period_start, -months if against == 'previous' else -12) }}
        {%- endfor %}
    end
{%- endmacro %}
