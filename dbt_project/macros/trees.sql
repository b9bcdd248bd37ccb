{# Generated from models/metrics by `make catalogue`; edit there. #}
{% macro trees() -%}
    {{ return({
    }) }}
{%- endmacro %}
