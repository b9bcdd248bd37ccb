{#
  The columns of a mart, from the catalogue (models/metrics). A mart ends in two CTEs: `measured` holds its keys and
  `available_measures('<mart>')`, `final` its keys and `metric_columns('<mart>')`.
#}

{#
  Every measured metric, out of a column of the same name. NULL where the source does not say and in scopes for which it has no meaning;
  else 0 where nothing happened, unless the catalogue says that nothing is not 0.
#}
{% macro available_measures(mart) -%}
    {%- set metrics = catalogue()[mart] -%}
    {%- for name in measured_metrics(mart) %}
    {%- set measure = where_available(name, name, metrics[name].get('is_zero_if_absent', true)) -%}
    {%- if 'scopes' in metrics[name] -%}
        {%- set measure = "case when scope_kind in ('" ~ metrics[name]['scopes'] | join("', '") ~ "') then " ~ measure ~ ' end' -%}
    {%- endif %}
    {{ measure }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Every metric, the computed ones too, in its type. #}
{% macro metric_columns(mart) -%}
    {%- set metrics = catalogue()[mart] -%}
    {%- for name in metrics %}
    {{ metric_expression(name, metrics) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro metric_expression(name, metrics) -%}
    {%- set terms = metrics[name] -%}
    {%- if 'sum_of' in terms -%}
        cast(
            {%- for term in terms['sum_of'] -%}
                {%- set part = term[1:] if term[0] == '-' else term -%}
                {{ ' - ' if term[0] == '-' else ' + ' if not loop.first }}{{ metric_expression(part, metrics) }}
            {%- endfor %} as {{ metric_type(terms['unit']) }})
    {%- elif 'numerator' in terms -%}
        {%- set numerator = _part(terms['numerator'], metrics) -%}
        {%- set numerator = numerator ~ ' * ' ~ terms['factor'] if terms['factor'] != 1 else numerator -%}
        {%- set denominator = _part(terms['denominator'], metrics) -%}
        {%- set denominator = denominator ~ ' * ' ~ terms['divisor'] if terms.get('divisor') else denominator -%}
        {%- if terms['unit'] == 'amount' -%}
            {{ money_quotient(numerator, denominator) }}
        {%- elif _is_whole(terms['numerator'], metrics) and _is_whole(terms['denominator'], metrics) -%}
            {{ whole_quotient(numerator, denominator, scale=4 if terms['unit'] == 'minutes' else 6) }}
        {%- else -%}
            {{ exact_quotient(numerator, denominator) }}
        {%- endif -%}
    {%- else -%}
        cast({{ name }} as {{ metric_type(terms['unit']) }})
    {%- endif -%}
{%- endmacro %}

{% macro metric_type(unit) -%}
    {{ return({
        'count': 'bigint', 'seconds': 'bigint', 'amount': 'decimal(18, 2)', 'minutes': 'decimal(18, 4)', 'flag': 'boolean'
    }.get(unit, 'decimal(18, 6)')) }}
{%- endmacro %}

{# A measured part is a column of `measured`; a computed one is computed in place, so that it is rounded only once it is shown. #}
{% macro _part(part, metrics) -%}
    {%- if part is number -%}
        {{ part }}
    {%- elif 'sum_of' in metrics[part] -%}
        ({{ metric_expression(part, metrics) }})
    {%- else -%}
        {{ part }}
    {%- endif -%}
{%- endmacro %}

{% macro _is_whole(part, metrics) -%}
    {{ return(part is number or metrics[part]['unit'] in ('count', 'seconds')) }}
{%- endmacro %}

{# The metrics of a mart that SQL measures. #}
{% macro measured_metrics(mart) -%}
    {%- set names = [] -%}
    {%- for name, terms in catalogue()[mart].items() if 'sum_of' not in terms and 'numerator' not in terms -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
