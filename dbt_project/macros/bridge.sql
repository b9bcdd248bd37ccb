{#
  The parts of each factor in the change of a branch between two periods: the same arithmetic as orchestration/bridging/parts.py, on whole
  numbers. `relation` has `keys` (a branch in a pair of periods), `position` in the branch, and the figure there `before` and `after`. The
  last figure of a branch is its amount. Which figures are left out is told in parts.py.

  Every product is taken in units of 10^-14 kopeck and every step divides once, cutting towards zero, so the parts still sum to the change: what
  is summed are differences of the same counterfactual amounts.
#}

{# Adds `slot`: 1 for the factor that ends in the amount, 2, 3 … for those before it, NULL for one that has no part. #}
{% macro bridge_slots(relation, keys) -%}
    {%- set branch = 'partition by ' ~ keys | join(', ') -%}
    select
        {{ keys | join(', ') }},
        position,
        length,
        before,
        after,
        case
            when is_kept then 1 + sum(case when is_kept then 1 else 0 end) over ({{ branch }} order by position desc)
            when position = coalesce(case when after_until = length then begins_at else ends_at end, length) then 1
        end as slot
    from (
        select
            *,
            coalesce(position < length and before <> 0 and after <> 0, false) as is_kept,
            -- Where one period comes to nothing and the other does not.
            min(case when position > before_until and before is not null and after <> 0 then position end) over ({{ branch }}) as begins_at,
            min(case when position > after_until and after is not null and before <> 0 then position end) over ({{ branch }}) as ends_at
        from (
            select
                *,
                max(position) over ({{ branch }}) as length,
                max(case when before <> 0 then position else 0 end) over ({{ branch }}) as before_until,
                max(case when after <> 0 then position else 0 end) over ({{ branch }}) as after_until
            from (
                select
                    {{ keys | join(', ') }},
                    position,
                    before,
                    after
                from {{ relation }}
            ) as figures
        ) as positions
    ) as ends
{%- endmacro %}

{# One row per branch and pair: what the branch would come to with each choice of factors from `after`; `v` and one digit per slot, the last slot first. #}
{% macro bridge_amounts(relation, keys, slots) -%}
    {%- for slot in range(slots, 1, -1) %}
    select
        *,
        {%- for rest in _masks(slot - 1) %}
        {%- set old, new = ('before_' ~ slot, 'after_' ~ slot) %}
        {%- set other = times_ratio('v' ~ rest, old, new) if rest[0] == '1' else times_ratio('v' ~ rest, new, old) %}
        v{{ rest }} as v{{ rest[0] }}{{ rest }},
        coalesce({{ other }}, v{{ rest }}) as v{{ '0' if rest[0] == '1' else '1' }}{{ rest }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
    {%- endfor %}
        select
            {{ keys | join(', ') }},
            {%- for slot in range(2, slots + 1) %}
            max(case when slot = {{ slot }} then before end) as before_{{ slot }},
            max(case when slot = {{ slot }} then after end) as after_{{ slot }},
            {%- endfor %}
            max(case when position = length then before end) as whole_before,
            max(case when position = length then after end) as whole_after,
            {{ to_bridge_units('max(case when position = length then before end)') }} as v0,
            {{ to_bridge_units('max(case when position = length then after end)') }} as v1
        from {{ relation }}
        group by {{ keys | join(', ') }}
    {%- for slot in range(2, slots + 1) %}
    ) as slots_{{ slot }}
    {%- endfor %}
{%- endmacro %}

{# `shapley_kopecks` and `chain_kopecks` of each row of bridge_slots, from the amounts of bridge_amounts. #}
{% macro bridge_parts(slotted, amounts, keys, slots) -%}
    {%- set methods = {'shapley': _factorial(slots), 'chain': 1} -%}
    select
        {{ keys | join(', ') }},
        position,
        {%- for method in methods %}
        {{ largest_remainder('change', method ~ '_floor', method ~ '_remainder', keys, ['position']) }} as {{ method }}_kopecks{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            {{ keys | join(', ') }},
            position,
            change,
            {%- for method in methods %}
            {{ floor_quotient(method ~ '_micro', 1000000) }} as {{ method }}_floor,
            cast({{ floor_remainder(method ~ '_micro', 1000000) }} as integer) as {{ method }}_remainder{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                {{ keys | join(', ') }},
                position,
                change,
                {%- for method, orders in methods.items() %}
                {{ to_micro_kopecks(method ~ '_units', orders) }} as {{ method }}_micro{{ ',' if not loop.last }}
                {%- endfor %}
            from (
                select
                    {% for key in keys %}{{ slotted }}.{{ key }}, {% endfor %}
                    {{ slotted }}.position,
                    {{ amounts }}.whole_after - {{ amounts }}.whole_before as change,
                    {%- for method in methods %}
                    case {{ slotted }}.slot
                        {%- for slot in range(1, slots + 1) %}
                        when {{ slot }} then {{ _shapley(slot, slots) if method == 'shapley' else _chain(slot, slots) }}
                        {%- endfor %}
                        else 0 * ({{ amounts }}.whole_after - {{ amounts }}.whole_before)
                    end as {{ method }}_units{{ ',' if not loop.last }}
                    {%- endfor %}
                from {{ slotted }}
                inner join {{ amounts }} using ({{ keys | join(', ') }})
            ) as units
        ) as micro_kopecks
    ) as floors
{%- endmacro %}

{% macro to_bridge_units(kopecks) -%}
    {{ kopecks }} * 100000000000000
{%- endmacro %}

{# To a millionth of a kopeck, half away from zero: equal parts stay equal, whatever was cut off. #}
{% macro to_micro_kopecks(units, denominator) -%}
    {%- set one = denominator * 100000000 -%}
    sign({{ units }}) * {{ floor_quotient('2 * abs(' ~ units ~ ') + ' ~ one, 2 * one) }}
{%- endmacro %}

{#
  value × numerator / denominator, cut towards zero. In two goes, because the plain product may leave the 38 digits. NULL where the
  result does, beyond any money: what nobody could have earned is then left as it was, and the parts still sum to the change.
#}
{% macro times_ratio(value, numerator, denominator) -%}
    {{ return(adapter.dispatch('times_ratio', 'triune')(value, numerator, denominator)) }}
{%- endmacro %}

{% macro duckdb__times_ratio(value, numerator, denominator) -%}
    {%- set result = value ~ ' // ' ~ denominator ~ ' * ' ~ numerator ~ ' + ' ~ value ~ ' % ' ~ denominator ~ ' * ' ~ numerator ~ ' // ' ~ denominator -%}
    try(case when abs({{ result }}) < {{ 10 ** 35 }} then {{ result }} end)
{%- endmacro %}

{# The sum over all orders of the slots: a set of other factors counts as often as it comes first. #}
{% macro _shapley(slot, slots) -%}
    {%- set terms = [] -%}
    {%- for others in _masks(slots - 1) -%}
        {%- set changed = others | list | select('equalto', '1') | list | length -%}
        {%- set weight = _factorial(changed) * _factorial(slots - 1 - changed) -%}
        {%- set head, tail = (others[:slots - slot], others[slots - slot:]) -%}
        {%- do terms.append(weight ~ ' * (v' ~ head ~ '1' ~ tail ~ ' - v' ~ head ~ '0' ~ tail ~ ')') -%}
    {%- endfor -%}
    ({{ terms | join(' + ') }})
{%- endmacro %}

{# The last slot changes first. #}
{% macro _chain(slot, slots) -%}
    (v{{ '1' * (slots - slot + 1) ~ '0' * (slot - 1) }} - v{{ '1' * (slots - slot) ~ '0' * slot }})
{%- endmacro %}

{% macro _factorial(number) -%}
    {{ return(number * _factorial(number - 1) if number > 1 else 1) }}
{%- endmacro %}

{# 00, 01, 10, 11 for two digits. #}
{% macro _masks(digits) -%}
    {%- set masks = [] -%}
    {%- for number in range(2 ** digits) -%}
        {%- do masks.append(('{:0' ~ digits ~ 'b}').format(number) if digits else '') -%}
    {%- endfor -%}
    {{ return(masks) }}
{%- endmacro %}
