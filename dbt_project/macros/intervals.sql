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
  How loads (int_hours__taken) fill the time of their owners, by `keys`: shift_seconds, assumed_shift_seconds, doctor_seconds, sold_seconds,
  each a union of intervals, and slots_sold. Hours sold outside a shift are overtime of a doctor: doctor time is the union of both.
#}
{% macro loaded_seconds(relation, keys) -%}
    {%- set unions = {
        'shift_seconds': "taken_by = 'shift'",
        'assumed_shift_seconds': "taken_by = 'shift' and is_assumed",
        'doctor_seconds': "taken_by in ('shift', 'visit')",
        'sold_seconds': "taken_by = 'visit'"
    } -%}
    select
        {{ keys | join(', ') }},
        {%- for name in unions %}
        sum(case when measure = '{{ name }}' then measured else 0 end) as {{ name }},
        {%- endfor %}
        sum(case when measure = 'slots_sold' then measured else 0 end) as slots_sold
    from (
        {%- for name, condition in unions.items() %}
        select
            {{ keys | join(', ') }},
            '{{ name }}' as measure,
            union_seconds as measured
        from ({{ union_seconds('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as loads', keys) }}) as {{ name }}
        union all
        {%- endfor %}
        select
            {{ keys | join(', ') }},
            'slots_sold' as measure,
            count(*) as measured
        from {{ relation }}
        where taken_by = 'visit'
        group by {{ keys | join(', ') }}
    ) as measures
    group by {{ keys | join(', ') }}
{%- endmacro %}
