{#
  The length of the union of intervals, in whole seconds, by `keys`. A sweep: in order of start, each interval adds only the part
  beyond the point that earlier ones have reached. Empty and inverted intervals add nothing. Keys without an interval give no row.
#}
{% macro union_seconds(relation, keys, starts_at='starts_at', ends_at='ends_at') -%}
    select
        {{ keys | join(', ') }},
        sum(
            case
                when reached_at is null or {{ starts_at }} >= reached_at then {{ seconds_between(starts_at, ends_at) }}
                when {{ ends_at }} > reached_at then {{ seconds_between('reached_at', ends_at) }}
                else 0
            end
        ) as union_seconds
    from (
        select
            {{ keys | join(', ') }},
            {{ starts_at }},
            {{ ends_at }},
            max({{ ends_at }}) over (
                partition by {{ keys | join(', ') }}
                order by {{ starts_at }}, {{ ends_at }}
                rows between unbounded preceding and 1 preceding
            ) as reached_at
        from {{ relation }}
        where {{ ends_at }} > {{ starts_at }}
    ) as swept
    group by {{ keys | join(', ') }}
{%- endmacro %}

{#
  Several unions of one relation's intervals as columns, by `keys`. `unions` maps a column to the condition of its intervals; `counts` one to
  that of the rows that are counted. Keys without an interval give no row.
#}
{% macro unions_of_seconds(relation, keys, unions, counts={}) -%}
    select
        {%- for name in unions.keys() | list + counts.keys() | list %}
        sum(case when measure = '{{ name }}' then measured else 0 end) as {{ name }},
        {%- endfor %}
        {{ keys | join(', ') }}
    from (
        {%- for name, condition in unions.items() %}
        {{ 'union all' if not loop.first }}
        select
            {{ keys | join(', ') }},
            '{{ name }}' as measure,
            union_seconds as measured
        from ({{ union_seconds('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as chosen', keys) }}) as {{ name }}
        {%- endfor %}
        {%- for name, condition in counts.items() %}
        union all
        select
            {{ keys | join(', ') }},
            '{{ name }}' as measure,
            count(*) as measured
        from {{ relation }}
        where {{ condition }}
        group by {{ keys | join(', ') }}
        {%- endfor %}
    ) as measures
    group by {{ keys | join(', ') }}
{%- endmacro %}

{# How the time of int_hours__taken is filled. Hours sold outside a shift are overtime of a doctor: doctor time is the union of both. #}
{% macro loaded_seconds(relation, keys) -%}
    {{ unions_of_seconds(relation, keys, {
        'shift_seconds': "taken_by = 'shift'",
        'assumed_shift_seconds': "taken_by = 'shift' and is_assumed",
        'doctor_seconds': "taken_by in ('shift', 'visit')",
        'sold_seconds': "taken_by = 'visit'"
    }, {'slots_sold': "taken_by = 'visit'"}) }}
{%- endmacro %}
