{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_potential__tree'}}}) }}
{#
  The origins are the revenue, each stage is at most the one before it, and what is not done is active or lost, in every scope and period;
  clinics and specialties sum to their network, practitioners to their clinic; positions are worth what their plan is.
#}
{%- set additive = [
    'revenue_amount', 'revenue_new_plans_amount', 'revenue_earlier_plans_amount', 'consultations', 'plans_presented', 'presented_amount',
    'agreed_amount', 'booked_amount', 'done_amount', 'collected_amount', 'active_amount', 'performed_amount', 'collected_items'
] -%}
with

tree as (
    select * from {{ ref('mart_potential__tree') }}
),

wholes as (
    select * from tree
    where scope_kind in ('network', 'clinic')
),

parts as (
    {%- for kind in ['clinic', 'specialty', 'practitioner'] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ kind }}' as part_kind,
        {{ scope_id('clinic' if kind == 'practitioner' else 'network', 'tree') }} as scope_id,
        period_kind,
        period_start,
        {%- for measure in additive %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from tree
    where scope_kind = '{{ kind }}'
    group by {{ scope_id('clinic' if kind == 'practitioner' else 'network', 'tree') }}, period_kind, period_start
    {%- endfor %}
)

select 'origins' as what, scope_id, period_kind, period_start
from tree
where
    revenue_amount is distinct from
    coalesce(revenue_new_plans_amount, 0) + coalesce(revenue_earlier_plans_amount, 0)
    + coalesce(revenue_unpresented_plans_amount, 0) + revenue_without_plan_amount

union all

select 'stages' as what, scope_id, period_kind, period_start
from tree
where
    {%- for stage, next_stage in [('presented', 'agreed'), ('agreed', 'booked'), ('booked', 'done'), ('done', 'collected')] %}
    {{ 'or ' if not loop.first }}{{ next_stage }}_amount > {{ stage }}_amount or {{ next_stage }}_items > {{ stage }}_items
    {%- endfor %}
    or active_amount < 0
    or lost_amount < 0
    or presented_amount <> done_amount + active_amount + lost_amount
    or presented_from_consultations_amount > presented_amount
    or planned_consultations > consultations_with_plan
    or consultations_with_plan > consultations

union all

select parts.part_kind as what, parts.scope_id, parts.period_kind, parts.period_start
from parts
left join wholes
    on
        parts.scope_id = wholes.scope_id
        and parts.period_kind = wholes.period_kind
        and parts.period_start = wholes.period_start
where
    {%- for measure in additive %}
    {{ 'or ' if not loop.first }}parts.{{ measure }} is distinct from wholes.{{ measure }}
    {%- endfor %}

union all

select 'positions' as what, plans.plan_id as scope_id, 'plan' as period_kind, plans.local_date as period_start
from {{ ref('int_plans__followed') }} as plans
left join {{ ref('int_plan_positions__followed') }} as positions on plans.plan_id = positions.plan_id
group by plans.plan_id, plans.local_date, plans.presented_amount
having plans.presented_amount <> coalesce(sum(positions.presented_amount), 0)
