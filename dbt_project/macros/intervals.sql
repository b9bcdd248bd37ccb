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
