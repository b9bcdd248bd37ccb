{{ config(meta={'guard': true, 'dagster': {'ref': {'name': 'mart_incentives__payouts'}}}) }}
-- Tolerance zero: every payout opens into its steps and nothing else.
with

payouts as (
    select * from {{ ref('mart_incentives__payouts') }}
),

steps as (
    select
        scenario_id,
        clinic_id,
        period_month,
        employee_id,
        module,
        role,
        sum(effect_amount) as effect_amount
    from {{ ref('mart_incentives__steps') }}
    group by scenario_id, clinic_id, period_month, employee_id, module, role
)

select
    scenario_id,
    clinic_id,
    period_month,
    employee_id,
    module,
    role,
    payouts.payout_amount,
    steps.effect_amount
from payouts
full join steps using (scenario_id, clinic_id, period_month, employee_id, module, role)
where payouts.payout_amount is distinct from steps.effect_amount
