{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_triune__tie'}}}) }}
{# The governing invariant in every period of networks and clinics, whose ledger is the sum of their days. #}

with

clinic_days as (
    select * from {{ ref('mart_triune__clinic_day') }}
),

summed as (
    {{ sum_by_scope_and_period('clinic_days', ['network', 'clinic'], {'ledger_revenue_amount': 'ledger_revenue_amount'}) }}
)

select tie.*
from {{ ref('mart_triune__tie') }} as tie
left join summed
    on tie.scope_id = summed.scope_id and tie.period_kind = summed.period_kind and tie.period_start = summed.period_start
where
    not tie.is_tied
    or tie.ledger_revenue_amount is distinct from summed.ledger_revenue_amount
