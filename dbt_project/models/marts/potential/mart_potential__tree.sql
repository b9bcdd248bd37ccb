{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
{%- set stages = ['agreed', 'booked', 'done', 'collected'] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('{{ kinds | join("', '") }}')
),

available as (
    {{ available_metrics('mart_potential__tree') }}
),

revenue_lines as (
    select * from {{ ref('int_lines__earned') }}
),

plans as (
    select * from {{ ref('int_plans__followed') }}
),

positions as (
    select * from {{ ref('int_plan_positions__followed') }}
    where is_presented
),

visits as (
    select * from {{ ref('int_consultations__planned') }}
),

-- The period clock: the money of the period by the origin of its plan. Which that is depends on the period, so the
-- day of the plan is kept until then.
origins as (
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        local_date,
        plan_presented_on,
        plan_item_id is not null as has_plan,
        sum(net_amount) as net_amount
    from revenue_lines
    group by
        source_id, currency, clinic_id, specialty, employee_id, local_date, plan_presented_on, plan_item_id is not null
),

monies as (
    {{ sum_by_scope_and_period(
        'origins', kinds, {'net_amount': 'net_amount'}, keys=['plan_presented_on', 'has_plan']
    ) }}
),

periods as (
    select distinct
        period_kind,
        period_start,
        period_end
    from {{ ref('int_periods__days') }}
),

revenues as (
    select
        monies.scope_id,
        monies.period_kind,
        monies.period_start,
        {%- for origin, condition in {
            'new_plans': 'monies.plan_presented_on between monies.period_start and periods.period_end',
            'earlier_plans': 'monies.plan_presented_on < monies.period_start',
            'unpresented_plans': 'monies.has_plan and coalesce(monies.plan_presented_on > periods.period_end, true)',
            'without_plan': 'not monies.has_plan'
        }.items() %}
        sum(case when {{ condition }} then monies.net_amount else 0 end) as revenue_{{ origin }}_amount,
        {%- endfor %}
        sum(monies.net_amount) as revenue_amount
    from monies
    inner join periods on monies.period_kind = periods.period_kind and monies.period_start = periods.period_start
    group by monies.scope_id, monies.period_kind, monies.period_start
),

-- The cohort clock: plans first presented in the period, followed until today.
cohorts as (
    {{ sum_by_scope_and_period('plans', kinds, {
        'plans_presented': '1',
        'presented_items': 'presented_items',
        'presented_amount': 'presented_amount',
        'planned_cost_amount': 'planned_cost_amount',
        'accepted_amount': 'accepted_amount',
        'performed_amount': 'performed_amount'
    }) }}
),

{%- set measures = {'active_amount': 'active_amount'} %}
{%- for stage in stages %}
    {%- do measures.update({
        stage ~ '_amount': stage ~ '_amount' if stage in ['done', 'collected']
            else 'case when is_' ~ stage ~ ' then presented_amount else 0 end',
        stage ~ '_items': 'case when is_' ~ stage ~ ' then 1 else 0 end'
    }) %}
{%- endfor %}

followed as (
    {{ sum_by_scope_and_period('positions', kinds, measures) }}
),

measured as (
    select
        scope_periods.*,
        {{ available_measures('mart_potential__tree') }}
    from scope_periods
    left join available on scope_periods.source_id = available.source_id
    {%- for part in ['revenues', 'cohorts', 'followed', 'visits'] %}
    left join {{ part }} using (scope_id, period_kind, period_start)
    {%- endfor %}
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_potential__tree') }}
    from measured
)

select * from final
