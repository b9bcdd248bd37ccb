{#
  Exact shares of money. Inside a calculation money is DECIMAL(38,10); here it is counted in whole units of the tenth decimal, so that
  every division is a floor with a remainder and the parts can be made to sum to the whole. `/`, and `//` on DECIMAL, go through DOUBLE.
#}

{% macro to_units(amount) -%}
    {{ return(adapter.dispatch('to_units', 'triune')(amount)) }}
{%- endmacro %}

{% macro duckdb__to_units(amount) -%}
    cast(cast({{ amount }} as decimal(38, 10)) * 10000000000 as hugeint)
{%- endmacro %}

{% macro from_units(units) -%}
    cast(cast({{ units }} as decimal(38, 0)) * cast(0.0000000001 as decimal(11, 10)) as decimal(38, 10))
{%- endmacro %}

{# Rounds down, also below zero; the denominator is positive. #}
{% macro floor_quotient(numerator, denominator) -%}
    {{ return(adapter.dispatch('floor_quotient', 'triune')(numerator, denominator)) }}
{%- endmacro %}

{# DuckDB's whole-number division cuts towards zero. #}
{% macro duckdb__floor_quotient(numerator, denominator) -%}
    ((({{ numerator }}) - {{ floor_remainder(numerator, denominator) }}) // ({{ denominator }}))
{%- endmacro %}

{# What floor_quotient leaves: from 0 to the denominator, without it. #}
{% macro floor_remainder(numerator, denominator) -%}
    (((({{ numerator }}) % ({{ denominator }})) + ({{ denominator }})) % ({{ denominator }}))
{%- endmacro %}

{# Money times a share, rounded once at the tenth decimal, half away from zero. #}
{% macro units_times_share(units, share) -%}
    (sign({{ units }}) * {{ floor_quotient('2 * abs(' ~ units ~ ') * ' ~ to_units(share) ~ ' + 10000000000', '20000000000') }})
{%- endmacro %}

{#
  whole × part / total, rounded down, and its remainder. The whole is divided in two goes, 10^8 units and the rest, because the plain
  product of two large amounts leaves the 38 digits. The total is positive; parts may be negative.
#}
{% macro proportion_floor(whole, part, total) -%}
    ({{ floor_quotient(_high(whole) ~ ' * ' ~ part, total) }} * 100000000 + {{ floor_quotient(_carried(whole, part, total), total) }})
{%- endmacro %}

{% macro proportion_remainder(whole, part, total) -%}
    {{ floor_remainder(_carried(whole, part, total), total) }}
{%- endmacro %}

{% macro _high(whole) -%}
    {{ floor_quotient(whole, '100000000') }}
{%- endmacro %}

{% macro _carried(whole, part, total) -%}
    {{ floor_remainder(_high(whole) ~ ' * ' ~ part, total) }} * 100000000 + {{ floor_remainder(whole, '100000000') }} * {{ part }}
{%- endmacro %}

{#
  Largest remainder: the units that rounding down left over go, one each, to the parts with the largest remainders; `order_by` breaks
  ties. Within `keys` the results sum to `whole` exactly.
#}
{% macro largest_remainder(whole, floor, remainder, keys, order_by) -%}
    {{ floor }} + case
        when
            row_number() over (partition by {{ keys | join(', ') }} order by {{ remainder }} desc, {{ order_by | join(', ') }})
            <= {{ whole }} - sum({{ floor }}) over (partition by {{ keys | join(', ') }})
            then 1
        else 0
    end
{%- endmacro %}
