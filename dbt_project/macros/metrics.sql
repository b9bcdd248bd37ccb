{#
  The columns of a mart, from the catalogue (models/metrics). A mart ends in two CTEs: `measured` holds its keys and
  `available_measures('<mart>')`, `final` its keys and `metric_columns('<mart>')`.
#}

{#
  Every measured metric, out of a column of the same name: NULL where the source does not say; else 0 where nothing happened, unless the
  catalogue says that nothing is not 0.
#}
{% macro available_measures(mart) -%}
    {%- for name in measured_metrics(mart) %}
    {{ where_available(name, name, catalogue()[mart][name].get('is_zero_if_absent', true)) }} as {{ name }}{{ ',' if not loop.last }}
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
        {%- elif terms['unit'] == 'minutes' -%}
            {{ exact_quotient(numerator, denominator, scale=4, input_scale=0) }}
        {%- elif terms['unit'] == 'hours' -%}
            {{ exact_quotient(numerator, denominator, scale=6, input_scale=0) }}
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

{# The metrics of a mart that SQL measures. #}
{% macro measured_metrics(mart) -%}
    {%- set names = [] -%}
    {%- for name, terms in catalogue()[mart].items() if 'sum_of' not in terms and 'numerator' not in terms -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
