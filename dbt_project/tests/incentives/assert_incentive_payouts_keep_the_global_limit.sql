{{ config(meta={'guard': true, 'dagster': {'ref': {'name': 'mart_incentives__payouts'}}}) }}
-- Tolerance zero, on the paid kopecks. The limit is taken from scheme and revenue again, not from the step.
with

payouts as (
    select
        scenario_id,
        scheme_id,
        clinic_id,
        period_month,
        sum(payout_amount) as payout_amount
    from {{ ref('mart_incentives__payouts') }}
    group by scenario_id, scheme_id, clinic_id, period_month
),

global_limits as (
    select * from {{ source('schemes', 'global_limits') }}
),

revenues as (
    select
        clinic_id,
        cast({{ dbt.date_trunc('month', 'local_date') }} as date) as period_month,
        sum(net_amount) as net_revenue_amount
    from {{ ref('fct_service_lines') }}
    where is_performed
    group by clinic_id, cast({{ dbt.date_trunc('month', 'local_date') }} as date)
)

select
    payouts.*,
    revenues.net_revenue_amount,
    global_limits.net_revenue_share
from payouts
inner join global_limits
    on
        payouts.scenario_id = global_limits.scenario_id
        and payouts.scheme_id = global_limits.scheme_id
        and payouts.period_month >= global_limits.valid_from
        and payouts.period_month <= coalesce(global_limits.valid_to, payouts.period_month)
inner join revenues using (clinic_id, period_month)
where
    payouts.payout_amount > greatest(
        cast(revenues.net_revenue_amount as decimal(28, 2)) * cast(global_limits.net_revenue_share as decimal(11, 10)),
        0
    )
