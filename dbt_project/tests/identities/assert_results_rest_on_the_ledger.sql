{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_finance__periods'}}}) }}
{# The net revenue of a month is its days', the results of a network its clinics', and those of a year its months'. #}

with

days as (
    select * from {{ ref('mart_finance__clinic_day') }}
),

periods as (
    select * from {{ ref('mart_finance__periods') }}
),

ledger as (
    select
        clinic_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        sum(net_revenue_amount) as net_revenue_amount
    from days
    group by clinic_id, {{ period_start_of('month', 'local_date') }}
),

clinic_months as (
    select * from periods
    where scope_kind = 'clinic' and period_kind = 'month'
),

-- Both sides of each comparison, one of them with a minus.
signed as (
    select
        'network' as what,
        source_id || coalesce(currency, '') || period_kind || cast(period_start as string) as scope,
        case when scope_kind = 'clinic' then 1 else -1 end as side,
        revenue_amount,
        opex_amount
    from periods
    union all
    select
        'year' as what,
        scope_id || cast(extract(year from period_start) as string) as scope,
        case when period_kind = 'month' then 1 else -1 end as side,
        revenue_amount,
        opex_amount
    from periods
    where period_kind in ('month', 'year')
),

sums as (
    select
        what,
        scope,
        sum(side * coalesce(revenue_amount, 0)) as revenue_amount,
        sum(side * coalesce(opex_amount, 0)) as opex_amount
    from signed
    group by what, scope
)

select
    coalesce(ledger.clinic_id, clinic_months.clinic_id) as scope,
    'ledger' as what
from ledger
full outer join clinic_months
    on ledger.clinic_id = clinic_months.clinic_id and ledger.period_start = clinic_months.period_start
where ledger.net_revenue_amount is distinct from clinic_months.net_revenue_amount

union all

select
    scope,
    what
from sums
where revenue_amount <> 0 or opex_amount <> 0
