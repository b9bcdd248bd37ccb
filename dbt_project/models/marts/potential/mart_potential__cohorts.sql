{#
  Where the two clocks meet: the month in which a plan was first presented × the month in which it earned money. A scope may be that of the plan
  (its cohort) or that of the work (the money of the period): another clinic or another doctor may do what one has planned.
#}
{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
with

scopes as (
    select * from {{ ref('int_scopes') }}
),

months as (
    select
        source_id,
        period_start,
        period_end,
        is_complete
    from {{ ref('int_scope_periods') }}
    where period_kind = 'month' and scope_kind in ('network', 'clinic')
    group by source_id, period_start, period_end, is_complete
),

available as (
    {{ available_metrics('mart_potential__cohorts') }}
),

revenue_lines as (
    select
        *,
        {{ period_start_of('month', 'plan_presented_on') }} as presented_month
    from {{ ref('int_lines__earned') }}
    where plan_presented_on is not null
),

plans as (
    select * from {{ ref('int_plans__followed') }}
),

planned as (
    select
        plans.source_id,
        plans.currency,
        plans.clinic_id,
        plans.specialty,
        plans.employee_id,
        revenue_lines.local_date,
        revenue_lines.presented_month,
        revenue_lines.net_amount
    from revenue_lines
    inner join plans on revenue_lines.plan_id = plans.plan_id and revenue_lines.currency = plans.currency
),

cohorts as (
    {{ sum_by_scope_and_period('planned', kinds, {'net_amount': 'net_amount'}, keys=['presented_month']) }}
),

works as (
    {{ sum_by_scope_and_period('revenue_lines', kinds, {'net_amount': 'net_amount'}, keys=['presented_month']) }}
),

clocks as (
    select
        scope_id,
        period_start,
        presented_month,
        net_amount as cohort_revenue_amount,
        0 as period_revenue_amount
    from cohorts
    where period_kind = 'month'
    union all
    select
        scope_id,
        period_start,
        presented_month,
        0 as cohort_revenue_amount,
        net_amount as period_revenue_amount
    from works
    where period_kind = 'month'
),

cells as (
    select
        scope_id,
        period_start,
        presented_month,
        sum(cohort_revenue_amount) as cohort_revenue_amount,
        sum(period_revenue_amount) as period_revenue_amount
    from clocks
    group by scope_id, period_start, presented_month
),

measured as (
    select
        scopes.*,
        months.period_start,
        months.period_end,
        months.is_complete,
        'month' as period_kind,
        cells.presented_month,
        {{ available_measures('mart_potential__cohorts') }}
    from cells
    inner join scopes on cells.scope_id = scopes.scope_id
    inner join months on scopes.source_id = months.source_id and cells.period_start = months.period_start
    left join available on scopes.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        cast(presented_month as date) as presented_month,
        {{ metric_columns('mart_potential__cohorts') }}
    from measured
)

select * from final
