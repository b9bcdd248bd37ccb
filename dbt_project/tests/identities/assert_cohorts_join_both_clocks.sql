{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_potential__cohorts'}}}) }}
{# Over the months of money a cohort's cells sum to what the tree says it has performed, if money counts with the work; over the months of presentation to the money of the month. #}
with

tree as (
    select * from {{ ref('mart_potential__tree') }}
    where period_kind = 'month'
),

cells as (
    select * from {{ ref('mart_potential__cohorts') }}
),

cohorts as (
    select
        scope_id,
        presented_month,
        sum(cohort_revenue_amount) as cohort_revenue_amount
    from cells
    group by scope_id, presented_month
),

periods as (
    select
        scope_id,
        period_start,
        sum(case when presented_month = period_start then period_revenue_amount else 0 end) as new_plans_amount,
        sum(case when presented_month < period_start then period_revenue_amount else 0 end) as earlier_plans_amount
    from cells
    group by scope_id, period_start
)

{%- if var('revenue_clock') == 'performed' %}

select 'cohort' as what, tree.scope_id, tree.period_start
from tree
full outer join cohorts on tree.scope_id = cohorts.scope_id and tree.period_start = cohorts.presented_month
where
    coalesce(tree.performed_amount, 0) <> coalesce(cohorts.cohort_revenue_amount, 0)

union all
{%- endif %}

select 'period' as what, tree.scope_id, tree.period_start
from tree
full outer join periods on tree.scope_id = periods.scope_id and tree.period_start = periods.period_start
where
    coalesce(tree.revenue_new_plans_amount, 0) <> coalesce(periods.new_plans_amount, 0)
    or coalesce(tree.revenue_earlier_plans_amount, 0) <> coalesce(periods.earlier_plans_amount, 0)
