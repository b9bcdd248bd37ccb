{#
  The latest version of each key of a raw table: the last export day wins, then the last change in the MIS, then the last row of the file.
  The order does not depend on when a day was loaded, so days may be loaded in any order.
#}
{% macro latest_version(relation, key, updated_at=none) -%}
    {{ return(adapter.dispatch('latest_version', 'triune')(relation, key, updated_at)) }}
{%- endmacro %}

{% macro duckdb__latest_version(relation, key, updated_at) -%}
    select *
    from {{ relation }}
    qualify row_number() over (
        partition by _source, {{ key | join(', ') }}
        order by _export_date desc{{ ', ' ~ updated_at ~ ' desc nulls last' if updated_at }}, _row desc
    ) = 1
{%- endmacro %}
