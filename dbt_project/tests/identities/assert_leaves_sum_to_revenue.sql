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
inner join {{ ref('mart_triune__clinic_day') }} as forms
    on finance.clinic_id = forms.clinic_id and finance.local_date = forms.local_date
where
    finance.net_revenue_amount is distinct from forms.ledger_revenue_amount
    or finance.cash_amount
    <> finance.payments_amount + finance.refunds_amount + finance.deposits_amount + finance.chargebacks_amount
