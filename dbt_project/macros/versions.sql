{#
  Which version of a row counts. Raw tables keep every version that an export gave; ops.deletions names those that a later export should
  have held and did not, ops.surviving_ids the ids that have been replaced by others (orchestration/ingest derives both from raw tables).
  The order never depends on when a day was loaded, so days may be loaded in any order.

  `renamed` maps a column to the entity whose id it holds: what stands there is replaced by the id that survives.
#}

{#
  The latest version of each key: the last export day wins, then the surviving id's own row, then the last change in the MIS, then the last
  row of the file. A key whose latest version is deleted or gone is left out.
#}
{% macro latest_version(entity, key, updated_at=none, renamed={}) -%}
    {{ return(adapter.dispatch('latest_version', 'triune')(entity, key, updated_at, renamed)) }}
{%- endmacro %}

{# Ids inside the key decide what is one thing, so they come first; the others are looked up for the rows that remain. #}
{% macro duckdb__latest_version(entity, key, updated_at, renamed) -%}
    {%- set in_key, beside = _split_by_key(key, renamed) -%}
    select {{ _with_survivors('latest', beside) }}
    from (
        {{ _recorded(entity, key, in_key) }}
        qualify row_number() over (
            partition by recorded._source, {{ _surviving_key(key, in_key) | join(', ') }}
            order by
                recorded._export_date desc,
                {% for column in in_key %}(of_{{ column }}.surviving_id is null) desc, {% endfor -%}
                {{ 'recorded.' ~ updated_at ~ ' desc nulls last, ' if updated_at }}recorded._row desc
        ) = 1
    ) as latest
    {{ _survivors('latest', beside) }}
    where
        latest._is_deleted is not true
        and not exists (
            select 1
            from {{ source('ops', 'deletions') }} as gone
            where
                gone.entity = '{{ entity }}'
                and gone._source = latest._source
                and gone._key = {{ row_key(_recorded_key(key, in_key), 'latest') }}
                and gone.last_seen_on = latest._export_date
        )
{%- endmacro %}

{#
  The history of each key: one row for each run of exports that gave equal `attributes`, with
  - version_from: the export day of the first of them; the first known version reaches back to the beginning of time
  - version_to: the day before the next version; NULL for the last, which holds on
  - removed_on: the first export day that lacked the key or called it deleted, if that ended the run
  Every day has one version of a key, also a day on which it was removed: a late line still finds what was known last.
#}
{% macro version_history(entity, key, attributes, renamed={}) -%}
    {{ return(adapter.dispatch('version_history', 'triune')(entity, key, attributes, renamed)) }}
{%- endmacro %}

{% macro duckdb__version_history(entity, key, attributes, renamed) -%}
    {%- set in_key, beside = _split_by_key(key, renamed) -%}
    {%- set by_key = 'partition by _source, ' ~ key | join(', ') -%}
    with

    recorded_versions as (
        {{ _recorded(entity, key, in_key) }}
        qualify row_number() over (
            partition by recorded._source, {{ _surviving_key(key, in_key) | join(', ') }}, recorded._export_date
            order by {% for column in in_key %}(of_{{ column }}.surviving_id is null) desc, {% endfor %}recorded._row desc
        ) = 1
    ),

    known_versions as (
        select
            {{ _with_survivors('recorded_versions', beside) }},
            gone.gone_on,
            coalesce(recorded_versions._is_deleted, false) as is_deleted
        from recorded_versions
        {{ _survivors('recorded_versions', beside) }}
        left join {{ source('ops', 'deletions') }} as gone
            on
                gone.entity = '{{ entity }}'
                and recorded_versions._source = gone._source
                and {{ row_key(_recorded_key(key, in_key), 'recorded_versions') }} = gone._key
                and recorded_versions._export_date = gone.last_seen_on
    ),

    followed as (
        select
            *,
            case
                when gone_on < lead(_export_date) over ({{ by_key }} order by _export_date) then gone_on
                when lead(is_deleted) over ({{ by_key }} order by _export_date)
                    then lead(_export_date) over ({{ by_key }} order by _export_date)
                when lead(_export_date) over ({{ by_key }} order by _export_date) is null then gone_on
            end as removed_on
        from known_versions
    ),

    compared as (
        select
            *,
            lag(_export_date) over ({{ by_key }} order by _export_date) as previous_export_date,
            {%- for attribute in attributes %}
            lag({{ attribute }}) over ({{ by_key }} order by _export_date) as previous_{{ attribute }},
            {%- endfor %}
            lag(removed_on) over ({{ by_key }} order by _export_date) as previous_removed_on
        from followed
        where not is_deleted
    ),

    -- A version that follows a removal is a new one, also if it is equal to the one before.
    stepped as (
        select
            *,
            case
                when
                    previous_export_date is null
                    or previous_removed_on is not null
                    {%- for attribute in attributes %}
                    or ({{ attribute }} is distinct from previous_{{ attribute }})
                    {%- endfor %}
                    then 1
                else 0
            end as is_new
        from compared
    ),

    numbered as (
        select
            *,
            sum(is_new) over ({{ by_key }} order by _export_date rows unbounded preceding) as version_number
        from stepped
    ),

    runs as (
        select
            _source,
            {{ key | join(', ') }},
            {{ attributes | join(', ') }},
            version_number,
            min(_export_date) as first_seen_on,
            max(removed_on) as removed_on
        from numbered
        group by _source, {{ key | join(', ') }}, {{ attributes | join(', ') }}, version_number
    )

    select
        *,
        case when version_number = 1 then {{ beginning_of_time() }} else first_seen_on end as version_from,
        {{ add_days('lead(first_seen_on) over (' ~ by_key ~ ' order by version_number)', -1) }} as version_to
    from runs
{%- endmacro %}

{# Whether a version of a history is the one of a day. Without `or`: with it, a left join is no longer a hash join. #}
{% macro is_version_of(version, day) -%}
    {{ version }}.version_from <= {{ day }} and coalesce({{ version }}.version_to, {{ end_of_time() }}) >= {{ day }}
{%- endmacro %}

{# Raw rows with the surviving ids of their key; what stood there is kept as _recorded_<column>. An old id's deletion deletes no survivor. #}
{% macro _recorded(entity, key, in_key) -%}
    select
        {{ _with_survivors('recorded', in_key) }}
        {%- for column in in_key %},
        recorded.{{ column }} as _recorded_{{ column }}
        {%- endfor %}
        from {{ source('raw', entity) }} as recorded
        {{ _survivors('recorded', in_key) }}
        {%- if in_key %}
        where not (
            recorded._is_deleted is true
            and ({% for column in in_key %}{{ ' or ' if not loop.first }}of_{{ column }}.surviving_id is not null{% endfor %})
        )
        {%- endif %}
{%- endmacro %}

{% macro _survivors(relation, columns) -%}
    {%- for column, entity in columns.items() %}
    left join {{ source('ops', 'surviving_ids') }} as of_{{ column }}
        on
            of_{{ column }}.entity = '{{ entity }}'
            and {{ relation }}._source = of_{{ column }}._source
            and {{ relation }}.{{ column }} = of_{{ column }}.old_id
    {%- endfor %}
{%- endmacro %}

{% macro _with_survivors(relation, columns) -%}
    {{ relation }}.*
    {%- if columns %} replace (
        {%- for column in columns %}
        {{ _surviving(relation, column) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endif %}
{%- endmacro %}

{% macro _surviving(relation, column) -%}
    coalesce(of_{{ column }}.surviving_id, {{ relation }}.{{ column }})
{%- endmacro %}

{% macro _surviving_key(key, in_key) -%}
    {%- set parts = [] -%}
    {%- for column in key -%}
        {%- do parts.append(_surviving('recorded', column) if column in in_key else 'recorded.' ~ column) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}

{% macro _recorded_key(key, in_key) -%}
    {%- set parts = [] -%}
    {%- for column in key -%}
        {%- do parts.append('_recorded_' ~ column if column in in_key else column) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}

{% macro _split_by_key(key, renamed) -%}
    {%- set in_key, beside = {}, {} -%}
    {%- for column, entity in renamed.items() -%}
        {%- do (in_key if column in key else beside).update({column: entity}) -%}
    {%- endfor -%}
    {{ return((in_key, beside)) }}
{%- endmacro %}

{# The key of a row as one text, as the loader writes it (models/row_keys.py). #}
{% macro row_key(columns, relation) -%}
    {%- if columns | length == 1 -%}
        cast({{ relation }}.{{ columns[0] }} as {{ dbt.type_string() }})
    {%- else -%}
        {%- for column in columns -%}
            {{ " || '|' || " if not loop.first -}}
            replace(replace(cast({{ relation }}.{{ column }} as {{ dbt.type_string() }}), '~', '~~'), '|', '~|')
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
