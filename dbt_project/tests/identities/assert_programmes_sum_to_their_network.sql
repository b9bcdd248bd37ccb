{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_programmes__periods'}}}) }}
{# Clinics sum to their network, resources to their clinic; the hours of a month's micro-seasons are the month's, and no advice leaves its corridor. #}
{%- set additive = ['revenue_amount', 'visits', 'resource_seconds'] -%}
with

periods as (
    select * from {{ ref('mart_programmes__periods') }}
),

parts as (
    {%- for part, whole in [('clinic', 'network'), ('resource', 'clinic')] %}
    {{ 'union all' if not loop.first }}
    select
        {{ scope_id(whole, 'periods') }} as scope_id,
        programme,
        period_kind,
        period_start,
        {%- for measure in additive %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from periods
    where scope_kind = '{{ part }}'
    group by {{ scope_id(whole, 'periods') }}, programme, period_kind, period_start
    {%- endfor %}
)

select parts.scope_id, parts.programme as what, parts.period_start
from parts
left join periods
    on
        parts.scope_id = periods.scope_id
        and parts.programme = periods.programme
        and parts.period_kind = periods.period_kind
        and parts.period_start = periods.period_start
where
    {%- for measure in additive %}
    {{ 'or ' if not loop.first }}parts.{{ measure }} is distinct from periods.{{ measure }}
    {%- endfor %}

union all

select scope_id, 'hours' as what, period_start
from {{ ref('mart_programmes__corridors') }}
group by scope_id, period_start
having sum(sold_seconds) <> max(slotted_seconds)

union all

select scope_id, 'corridor' as what, period_start
from {{ ref('mart_programmes__corridors') }}
where advised_hour_value < floor_hour_value or advised_hour_value > greatest(ceiling_hour_value, floor_hour_value)
