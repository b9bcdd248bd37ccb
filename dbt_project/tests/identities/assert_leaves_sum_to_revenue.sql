{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_commerce__clinic_day'}}}) }}
{# Within each form the leaves are the revenue. A leaf that the source cannot have is in the last one. #}

select 'commerce' as form, clinic_id, local_date, revenue_amount
from {{ ref('mart_commerce__clinic_day') }}
where
    revenue_amount is distinct from
    coalesce(revenue_primary_amount, 0) + coalesce(revenue_secondary_amount, 0) + revenue_unattributed_amount

union all

select 'utilisation' as form, clinic_id, local_date, revenue_amount
from {{ ref('mart_utilisation__clinic_day') }}
where revenue_amount is distinct from coalesce(slotted_revenue_amount, 0) + unslotted_revenue_amount

union all

select 'potential' as form, clinic_id, local_date, revenue_amount
from {{ ref('mart_potential__clinic_day') }}
where
    revenue_amount is distinct from
    coalesce(revenue_new_plans_amount, 0) + coalesce(revenue_earlier_plans_amount, 0)
    + coalesce(revenue_unpresented_plans_amount, 0) + revenue_without_plan_amount

union all

select 'finance' as form, finance.clinic_id, finance.local_date, finance.net_revenue_amount
from {{ ref('mart_finance__clinic_day') }} as finance
left join (
    select clinic_id, local_date, sum(net_amount) as net_amount
    from {{ ref('fct_service_lines') }}
    where is_performed
    group by clinic_id, local_date
) as work on finance.clinic_id = work.clinic_id and finance.local_date = work.local_date
where
    finance.net_revenue_amount <> coalesce(work.net_amount, 0)
    or finance.cash_amount
    <> coalesce(finance.payments_amount, 0) + coalesce(finance.refunds_amount, 0)
    + coalesce(finance.deposits_amount, 0) + coalesce(finance.chargebacks_amount, 0)
