{#
  Scopes and periods. A scope is what a figure is about: the network (source × currency), a clinic, a specialty of the network, a
  practitioner in a clinic, a resource of a clinic. A period is a day, week, month, quarter or year. What belongs to no specialty,
  practitioner or resource is in the scope `(none)`, so that the parts of a network or of a clinic sum to it.

  Every scope has one currency.
#}

{% macro scope_kinds() -%}
    {{ return(['network', 'clinic', 'specialty', 'practitioner', 'resource']) }}
{%- endmacro %}

{# Which columns tell the scope of a row; all of them are needed for each kind that is asked for. #}
{% macro scope_id(kind, relation=none) -%}
    {%- set at = relation ~ '.' if relation else '' -%}
    {%- set parts = {
        'network': [at ~ 'source_id', "coalesce(" ~ at ~ "currency, '(none)')"],
        'clinic': [at ~ 'clinic_id'],
        'specialty': [at ~ 'source_id', "coalesce(" ~ at ~ "currency, '(none)')", "coalesce(" ~ at ~ "specialty, '(none)')"],
        'practitioner': [at ~ 'clinic_id', "coalesce(" ~ at ~ "employee_id, '(none)')"],
        'resource': [at ~ 'clinic_id', "coalesce(" ~ at ~ "resource_id, '(none)')"]
    }[kind] -%}
    '{{ kind }}|' || {{ parts | join(" || '|' || ") }}
{%- endmacro %}

{# The rows of a relation once for each kind of scope, with `scope_id`. #}
{% macro in_scopes(relation, kinds) -%}
    {%- for kind in kinds %}
    {{ 'union all' if not loop.first }}
    select
        {{ relation }}.*,
        {{ scope_id(kind, relation) }} as scope_id
    from {{ relation }}
    {%- endfor %}
{%- endmacro %}

{#
  Sums of additive measures per scope and period. `measures` maps a name to what is summed; `keys` are further columns to group by.
  Summed per day first: the days of a period are few, the rows of a day many.
#}
{% macro sum_by_scope_and_period(relation, kinds, measures, keys=[]) -%}
    select
        scope_days.scope_id,
        days.period_kind,
        days.period_start,
        {%- for key in keys %}
        scope_days.{{ key }},
        {%- endfor %}
        {%- for name in measures %}
        sum(scope_days.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            scope_id,
            local_date,
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            {%- for name, measured in measures.items() %}
            sum({{ measured }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from ({{ in_scopes(relation, kinds) }}) as scoped
        group by scope_id, local_date{% for key in keys %}, {{ key }}{% endfor %}
    ) as scope_days
    inner join {{ ref('int_periods__days') }} as days on scope_days.local_date = days.local_date
    group by scope_days.scope_id, days.period_kind, days.period_start{% for key in keys %}, scope_days.{{ key }}{% endfor %}
{%- endmacro %}

{# The columns that say whose figures a row holds, and of when. `relation` is int_scope_periods or carries its columns. #}
{% macro scope_and_period_columns(relation=none) -%}
    {%- set at = relation ~ '.' if relation else '' -%}
    {%- for column in ['scope_id', 'scope_kind', 'source_id', 'currency', 'clinic_id', 'specialty', 'employee_id', 'resource_id', 'period_kind'] %}
    cast({{ at }}{{ column }} as string) as {{ column }},
    {%- endfor %}
    cast({{ at }}is_complete as boolean) as is_complete,
    cast({{ at }}period_start as date) as period_start,
    cast({{ at }}period_end as date) as period_end
{%- endmacro %}

{# The first day of the period that holds a day. #}
{% macro period_start_of(kind, day) -%}
    {%- if kind == 'day' -%}
        {{ day }}
    {%- elif kind == 'week' -%}
        {{ add_days(day, '1 - ' ~ iso_weekday(day)) }}
    {%- else -%}
        cast({{ dbt.date_trunc(kind, day) }} as date)
    {%- endif -%}
{%- endmacro %}

{# The last day of the period that begins on a day. #}
{% macro period_end_of(kind, first_day) -%}
    {%- if kind == 'day' -%}
        {{ first_day }}
    {%- elif kind == 'week' -%}
        {{ add_days(first_day, 6) }}
    {%- else -%}
        {{ add_days('cast(' ~ dbt.dateadd('month', {'month': 1, 'quarter': 3, 'year': 12}[kind], first_day) ~ ' as date)', -1) }}
    {%- endif -%}
{%- endmacro %}
