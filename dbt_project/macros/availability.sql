{#
  What a source does not deliver is NULL in a mart, never 0. seeds/metric_needs.csv says which inputs each column of each mart needs;
  int_metrics__available says which columns each source can have. A mart opens with the CTE `available_metrics('<mart>')`, joins it by source,
  and passes every measure through `where_available()`.
#}

{# A row per source with a flag per metric: looking a name up in a text would cost more than the marts themselves. #}
{% macro available_metrics(mart) -%}
    select
        source_id
        {%- for name in catalogue()[mart] %},
        max(case when metric = '{{ name }}' and is_available then 1 else 0 end) = 1 as has_{{ name }}
        {%- endfor %}
    from {{ ref('int_metrics__available') }}
    where mart = '{{ mart }}'
    group by source_id
{%- endmacro %}

{# 0 where nothing happened (or still NULL, if nothing is not 0), NULL where the source does not say. #}
{% macro where_available(metric, expression, is_zero_if_absent=true) -%}
    case when available.has_{{ metric }} then
        {{- ' coalesce(' ~ expression ~ ', 0)' if is_zero_if_absent else ' ' ~ expression }} end
{%- endmacro %}
