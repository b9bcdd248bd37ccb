{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_patients__rfm'}}}) }}
{# The segments hold every active patient once, with all that they bring; a cohort is whole in its own month. #}

with

segments as (
    select * from {{ ref('mart_patients__rfm') }}
),

cohorts as (
    select * from {{ ref('mart_patients__retention') }}
)

select
    scope_id,
    period_start
from segments
group by scope_id, period_start
having
    sum(patients) <> max(active_patients)
    or min(active_patients) <> max(active_patients)
    or sum(revenue_amount) <> max(active_revenue_amount)

union all

select
    scope_id,
    period_start
from cohorts
where months_since = 0 and returned_patients <> cohort_patients
