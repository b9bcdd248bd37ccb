{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_triune__clinic_day'}}}) }}
{# The governing invariant, per clinic × local date × currency, tolerance 0. The ledger is read from the facts, so that a day that a mart lacks shows too. #}

with

ledger as (
    select clinic_id, currency, local_date, sum(net_amount) as ledger_amount
    from {{ ref('fct_revenues') }}
    group by clinic_id, currency, local_date
),

forms as (
    select * from {{ ref('mart_triune__clinic_day') }}
)

select
    coalesce(ledger.clinic_id, forms.clinic_id) as clinic_id,
    coalesce(ledger.local_date, forms.local_date) as local_date,
    ledger.ledger_amount,
    forms.ledger_revenue_amount,
    forms.commerce_revenue_amount,
    forms.utilisation_revenue_amount,
    forms.potential_revenue_amount
from ledger
full outer join forms
    on
        ledger.clinic_id = forms.clinic_id
        and ledger.local_date = forms.local_date
        and ledger.currency is not distinct from forms.currency
where
    forms.clinic_id is null
    or not coalesce(forms.is_tied, ledger.clinic_id is null)
    or coalesce(ledger.ledger_amount, 0) <> coalesce(forms.ledger_revenue_amount, 0)
    or coalesce(ledger.ledger_amount, 0) <> coalesce(forms.commerce_revenue_amount, 0)
    or coalesce(ledger.ledger_amount, 0) <> coalesce(forms.utilisation_revenue_amount, 0)
    or coalesce(ledger.ledger_amount, 0) <> coalesce(forms.potential_revenue_amount, 0)
