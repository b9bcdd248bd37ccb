{{ config(meta={'guard': true, 'dagster': {'ref': {'name': 'mart_incentives__s11_rounding'}}}) }}
-- Rounding is the last step and moves no amount by a whole kopeck.
with

rounding as (
    select * from {{ ref('mart_incentives__s11_rounding') }}
)

select
    scenario_id,
    clinic_id,
    period_month,
    employee_id,
    module,
    role,
    rounding_effect_amount
from rounding
where abs(rounding_effect_amount) >= 0.01
