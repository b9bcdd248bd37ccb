{{ config(meta={'guard': true}) }}
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
    coalesce(payouts.scenario_id, steps.scenario_id) as scenario_id,
    coalesce(payouts.employee_id, steps.employee_id) as employee_id,
    payouts.payout_amount,
    steps.effect_amount
from payouts
full join steps
    on payouts.scenario_id = steps.scenario_id
    and payouts.clinic_id = steps.clinic_id
    and payouts.period_month = steps.period_month
    and payouts.employee_id = steps.employee_id
    and payouts.module = steps.module
    and payouts.role = steps.role
where payouts.payout_amount is distinct from steps.effect_amount
