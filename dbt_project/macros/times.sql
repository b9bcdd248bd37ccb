{# Times. Moments are stored in UTC; days are the clinic's local days. #}

{% macro to_local(moment, time_zone) -%}
    {{ return(adapter.dispatch('to_local', 'triune')(moment, time_zone)) }}
{%- endmacro %}

{% macro duckdb__to_local(moment, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ moment }}))
{%- endmacro %}

{# The moment, in UTC, of a wall-clock moment. #}
{% macro to_utc(local_moment, time_zone) -%}
    {{ return(adapter.dispatch('to_utc', 'triune')(local_moment, time_zone)) }}
{%- endmacro %}

{% macro duckdb__to_utc(local_moment, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ local_moment }}))
{%- endmacro %}

{% macro local_date(moment, time_zone) -%}
    cast({{ to_local(moment, time_zone) }} as date)
{%- endmacro %}

{# Whole days from one date to another; later less earlier. #}
{% macro days_between(earlier, later) -%}
    {{ dbt.datediff(earlier, later, 'day') }}
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    {{ dbt.datediff(earlier, later, 'second') }}
{%- endmacro %}

{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days', 'triune')(day, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{# The same day of a later month, or its last day where there is none. #}
{% macro add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}

{# A moment that many seconds later. #}
{% macro add_seconds(moment, seconds) -%}
    {{ dbt.dateadd('second', seconds, moment) }}
{%- endmacro %}

{# 1 = Monday … 7 = Sunday, whatever the engine's own numbering. #}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday', 'triune')(day)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(day) -%}
    isodow({{ day }})
{%- endmacro %}

{# The wall-clock moment of a time on a date. 24:00 is the next midnight. #}
{% macro at_time(day, time) -%}
    {{ return(adapter.dispatch('at_time', 'triune')(day, time)) }}
{%- endmacro %}

{% macro duckdb__at_time(day, time) -%}
    {{ day }} + {{ time }}
{%- endmacro %}

{# For a select list: one row per clock hour that an interval touches, by the start of the hour. #}
{% macro each_hour(starts_at, ends_at) -%}
    {{ return(adapter.dispatch('each_hour', 'triune')(starts_at, ends_at)) }}
{%- endmacro %}

{% macro duckdb__each_hour(starts_at, ends_at) -%}
    unnest(generate_series(date_trunc('hour', {{ starts_at }}), {{ ends_at }}, interval 1 hour))
{%- endmacro %}

{# For a select list: one row per day from first to last, both included. #}
{% macro each_day(first_day, last_day) -%}
    {{ return(adapter.dispatch('each_day', 'triune')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__each_day(first_day, last_day) -%}
    cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date)
{%- endmacro %}

{# Whole months from the month of one date to that of another. Engines differ on datediff in months. #}
{% macro months_between(earlier, later) -%}
    (
        (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
    )
{%- endmacro %}

{# The bounds of what has no beginning, and of what holds on. #}
{% macro beginning_of_time() -%}
    cast('1900-01-01' as date)
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31' as date)
{%- endmacro %}
