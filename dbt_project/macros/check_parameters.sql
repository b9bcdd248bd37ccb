{#
  Stops a run before it begins if a parameter has a value that it cannot have: a switch with a slip of the pen would quietly stay at its
  default, or break the SQL of some model far from here.
#}
{% macro check_parameters() -%}
    {%- set slips = [] -%}
    {%- for name, about in parameters().items() -%}
        {%- set value = var(name) -%}
        {%- if about['allowed'] and value not in about['allowed'] -%}
            {%- do slips.append(name ~ ": '" ~ value ~ "' is none of " ~ about['allowed'] | join(', ')) -%}
        {%- elif about['default'] is integer and (value is not integer or value < 0) -%}
            {%- do slips.append(name ~ ": '" ~ value ~ "' is no whole number from 0 on") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if execute and slips -%}
        {{ exceptions.raise_compiler_error(
            'parameters in dbt_project.yml or --vars that models/metrics/parameters.yaml does not allow:\n  ' ~ slips | join('\n  ')
        ) }}
    {%- endif -%}
{%- endmacro %}
