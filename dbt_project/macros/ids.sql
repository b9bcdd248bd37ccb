{# Ids. Every id of a source is qualified with the source, so that joins use one column however many sources share a warehouse. #}

{% macro qualified_id(column, source='_source') -%}
    {{ return(adapter.dispatch('qualified_id', 'triune')(column, source)) }}
{%- endmacro %}

{# `||` gives NULL for a NULL id; concat() would give 'source:'. #}
{% macro default__qualified_id(column, source) -%}
    {{ source }} || ':' || {{ column }}
{%- endmacro %}

{# One text key of several columns, for tables whose natural key is wide. NULL parts stay distinguishable from empty ones. #}
{% macro surrogate_key(columns) -%}
    {{ return(adapter.dispatch('surrogate_key', 'triune')(columns)) }}
{%- endmacro %}

{% macro default__surrogate_key(columns) -%}
    md5(
        {%- for column in columns %}
        {{ "|| '|' || " if not loop.first }}coalesce(replace(cast({{ column }} as {{ dbt.type_string() }}), '|', '||'), '~null~')
        {%- endfor %}
    )
{%- endmacro %}
