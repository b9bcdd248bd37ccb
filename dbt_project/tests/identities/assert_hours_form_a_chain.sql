{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_utilisation__tree'}}}) }}
{#
  In every scope and period: sold ≤ doctor, shift ≤ doctor ≤ shift + sold, and the parts of the hours sum to them. Resources sum to their
  clinic, specialties and clinics to the network.
#}
{%- set parts = {'clinic': 'network', 'specialty': 'network', 'resource': 'clinic'} -%}
{%- set measures = [
    'room_seconds', 'shift_seconds', 'doctor_seconds', 'sold_seconds', 'slots_sold', 'appointments', 'slots_offered',
    'revenue_amount', 'slotted_revenue_amount', 'unslotted_revenue_amount'
] -%}

with

tree as (
    select * from {{ ref('mart_utilisation__tree') }}
),

wholes as (
    {%- for part, whole in parts.items() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ part }}' as part_kind,
        {{ scope_id(whole) }} as scope_id,
        period_kind,
        period_start
        {%- for measure in measures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from tree
    where scope_kind = '{{ part }}'
    group by {{ scope_id(whole) }}, period_kind, period_start
    {%- endfor %}
)

select 'chain' as what, scope_id, period_kind, period_start
from tree
where
    sold_seconds > doctor_seconds
    or shift_seconds > doctor_seconds
    or doctor_seconds > shift_seconds + sold_seconds
    -- A resource may have sold hours of visits that were booked elsewhere.
    or (scope_kind in ('network', 'clinic', 'practitioner') and sold_seconds > attended_seconds)
    or room_hours <> unstaffed_hours + doctor_hours
    or doctor_hours <> unsold_hours + sold_hours
    or doctor_hours <> overtime_hours + shift_hours

union all

select wholes.part_kind as what, tree.scope_id, tree.period_kind, tree.period_start
from tree
inner join wholes using (scope_id, period_kind, period_start)
where
    {%- for measure in measures %}
    {{ 'or ' if not loop.first }}tree.{{ measure }} is distinct from wholes.{{ measure }}
    {%- endfor %}
