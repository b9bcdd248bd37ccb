{#
  Exact division. In DuckDB avg(), `/` and even `//` on DECIMAL go through DOUBLE, so a quotient is taken on whole numbers:
  both sides are brought to integers (HUGEINT), and the half is added before the integer division, away from zero.
  NULL where the denominator is zero or NULL. Amounts have at most 2 decimals, quantities 4; both sides may be whole numbers.
#}

{% macro exact_quotient(numerator, denominator, scale=6, input_scale=4) -%}
    {{ return(adapter.dispatch('exact_quotient', 'triune')(numerator, denominator, scale, input_scale)) }}
{%- endmacro %}

{% macro duckdb__exact_quotient(numerator, denominator, scale, input_scale) -%}
    {%- set n -%} cast(cast({{ numerator }} as decimal(38, {{ input_scale }})) * {{ 10 ** input_scale }} as hugeint) {%- endset -%}
    {%- set d -%} cast(cast({{ denominator }} as decimal(38, {{ input_scale }})) * {{ 10 ** input_scale }} as hugeint) {%- endset -%}
    cast(
        cast(
            sign({{ n }}) * sign({{ d }})
            * ((2 * abs({{ n }}) * {{ 10 ** scale }} + abs({{ d }})) // nullif(2 * abs({{ d }}), 0))
            as decimal(38, 0)
        ) * cast({{ '0.' ~ '0' * (scale - 1) ~ '1' }} as decimal({{ scale + 1 }}, {{ scale }}))
        as decimal(18, {{ scale }})
    )
{%- endmacro %}

{# The same of two whole numbers, ten times as fast; a numerator beyond 10^12 is refused. #}
{% macro whole_quotient(numerator, denominator, scale=6) -%}
    {{ return(adapter.dispatch('whole_quotient', 'triune')(numerator, denominator, scale)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(numerator, denominator, scale) -%}
    {%- set n -%} cast({{ numerator }} as bigint) {%- endset -%}
    {%- set d -%} cast({{ denominator }} as bigint) {%- endset -%}
    cast(
        sign({{ n }}) * sign({{ d }}) * ((2 * abs({{ n }}) * {{ 10 ** scale }} + abs({{ d }})) // nullif(2 * abs({{ d }}), 0))
        * cast({{ '0.' ~ '0' * (scale - 1) ~ '1' }} as decimal({{ scale + 1 }}, {{ scale }}))
        as decimal(18, {{ scale }})
    )
{%- endmacro %}

{# An amount divided by a number, rounded once to the kopeck, half away from zero. #}
{% macro money_quotient(numerator, denominator) -%}
    {{ exact_quotient(numerator, denominator, scale=2) }}
{%- endmacro %}

{# Hours of whole seconds, for reading; the seconds stay the exact measure. #}
{% macro hours_of(seconds) -%}
    {{ whole_quotient(seconds, 3600, scale=6) }}
{%- endmacro %}

{% macro minutes_of(seconds) -%}
    {{ whole_quotient(seconds, 60, scale=4) }}
{%- endmacro %}

{# Casts of the three kinds of numbers that leave a model. #}
{% macro as_amount(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{% macro as_count(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{# How many rows satisfy a condition. `count(*) filter` is not portable. #}
{% macro count_if(condition) -%}
    coalesce(sum(case when {{ condition }} then 1 else 0 end), 0)
{%- endmacro %}
