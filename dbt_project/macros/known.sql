{#
  What was known of each key, and on which days: the versions of its history, each with
  - known_from: the first day on which exports had given it
  - known_until: the first day on which they had given another, or no longer had the key; 9999-12-31 for what is known now

  What a day looked like is told by the first export on it or after it, so a version is known from the day after the export before its own.
  Whatever date a row bears, it is not known earlier: a month that has ended is not changed by what is noted later.
  Of the days before the entity's first export nobody knew anything here: they are told by what is known now.

  With `known_at_once` the first version was always known: a booking that the MIS has stamped may be exported only on the day of the visit.
#}
{% macro known_versions(entity, key, attributes, renamed={}, known_at_once=false) -%}
    {{ return(adapter.dispatch('known_versions', 'triune')(entity, key, attributes, renamed, known_at_once)) }}
{%- endmacro %}

{% macro duckdb__known_versions(entity, key, attributes, renamed, known_at_once) -%}
    {%- set always, never = beginning_of_time(), end_of_time() -%}
    with

    versions as (
        {{ version_history(entity, key, attributes, renamed) }}
    ),

    export_days as (
        select
            _source,
            export_date,
            coalesce(
                {{ add_days('lag(export_date) over (partition by _source order by export_date)', 1) }}, {{ always }}
            ) as told_from
        from {{ source('ops', 'export_days') }}
    ),

    first_exports as (
        select
            _source,
            min(_export_date) as first_export_date
        from {{ source('raw', entity) }}
        group by _source
    ),

    told as (
        select
            versions.*,
            first_exports.first_export_date,
            {%- if known_at_once %}
            case when versions.version_number = 1 then {{ always }} else export_days.told_from end as told_from,
            {%- else %}
            greatest(export_days.told_from, first_exports.first_export_date) as told_from,
            {%- endif %}
            coalesce(days_removed.told_from, {{ never }}) as removed_from
        from versions
        inner join first_exports on versions._source = first_exports._source
        inner join export_days
            on versions._source = export_days._source and versions.first_seen_on = export_days.export_date
        left join export_days as days_removed
            on versions._source = days_removed._source and versions.removed_on = days_removed.export_date
    ),

    known as (
        select
            *,
            told_from as known_from,
            least(
                removed_from,
                lead(told_from, 1, {{ never }})
                    over (partition by _source, {{ key | join(', ') }} order by version_number)
            ) as known_until
        from told
    )

    select * from known
    where known_from < known_until
    {%- if not known_at_once %}
    union all
    select * replace ({{ always }} as known_from, first_export_date as known_until) from known
    where known_until = {{ never }}
    {%- endif %}
{%- endmacro %}
