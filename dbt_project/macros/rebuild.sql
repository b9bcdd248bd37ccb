{#
  Incremental facts rebuild whole days. A fact says in `meta.rebuild` which entities its rows come from and which of its columns it inherits
  from other models:

      meta={'rebuild': {'entities': ['service_lines'], 'inherits': [
          {'model': 'dim_service_history', 'key': {'service_id': 'service_id'}, 'is_dated': true, 'columns': {'service_stage': 'stage'}}]}}

  `key` and `columns` map own columns to the parent's. Of a dated parent the version of the row's own local_date is the one inherited.

  The days to rebuild are the days that the loader names in ops.touched_days, and the days of every stored row that would now inherit
  another value. The second part makes no assumption about what changed or why: a row whose day is not rebuilt is equal to what a
  full refresh would give. What changes the row itself (another version, a deletion, another surviving id) is the loader's to name.
#}

{% macro days_to_rebuild() -%}
    {%- set rebuild = config.get('meta')['rebuild'] -%}
    {%- set clinics = ref('dim_clinic') -%}
    select touched.local_date
    from {{ source('ops', 'touched_days') }} as touched
    where touched.entity in ('{{ rebuild['entities'] | join("', '") }}') and touched.local_date is not null
    union
    {# Another time zone can move a row by as much as two days. #}
    select {{ add_days('stored.local_date', 'shifts.days') }} as local_date
    from {{ this }} as stored
    inner join {{ clinics }} as clinics on stored.clinic_id = clinics.clinic_id
    cross join (select -2 as days union all select -1 union all select 0 union all select 1 union all select 2) as shifts
    where stored.time_zone is distinct from clinics.time_zone or stored.currency is distinct from clinics.currency
    {%- for parent in rebuild.get('inherits', []) %}
    union
    select stored.local_date
    from {{ this }} as stored
    left join {{ ref(parent['model']) }} as parent
        on
            {%- for own, inherited in parent['key'].items() %}
            {{ 'and ' if not loop.first }}stored.{{ own }} = parent.{{ inherited }}
            {%- endfor %}
            {%- if parent.get('is_dated') %}
            and {{ is_version_of('parent', 'stored.local_date') }}
            {%- endif %}
    where
        {%- for own, inherited in parent['columns'].items() %}
        {{ 'or ' if not loop.first }}stored.{{ own }} is distinct from parent.{{ inherited }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# After the final CTE of an incremental fact: keeps the days to rebuild. A full build keeps everything. #}
{% macro only_days_to_rebuild() -%}
    {%- if is_incremental() %}
    where local_date in ({{ days_to_rebuild() }})
    {%- endif %}
{%- endmacro %}

{# The same on the UTC moment, a day wider: spares the costly time zone conversion of rows that cannot be in those days. #}
{% macro only_moments_to_rebuild(moment) -%}
    {%- if is_incremental() %}
    where cast({{ moment }} as date) in (
        select {{ add_days('days.local_date', 'shifts.days') }}
        from ({{ days_to_rebuild() }}) as days
        cross join (select -1 as days union all select 0 union all select 1) as shifts
    )
    {%- endif %}
{%- endmacro %}

{# Incremental strategy `replace_days`: unlike delete+insert it also clears a day that has no rows any more. #}
{% macro get_incremental_replace_days_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }}
    where local_date in ({{ days_to_rebuild() }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    (select {{ columns }} from {{ arg_dict['temp_relation'] }})
{%- endmacro %}
