{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_sanatorium__periods'}}}) }}
{# What departments earn from stays is all that the stays are charged; a network earns what its clinics earn. #}

with

charges as (
    select * from {{ ref('fct_stay_charges') }}
    where clinic_id is not null
),

sanatorium as (
    select * from {{ ref('mart_sanatorium__periods') }}
    where stay_charges_amount is not null
),

charged as (
    select
        clinic_id,
        local_date,
        sum(charge_amount) as charge_amount
    from charges
    group by clinic_id, local_date
),

clinic_days as (
    select * from sanatorium
    where scope_kind = 'clinic' and period_kind = 'day'
),

networks as (
    select
        source_id,
        currency,
        period_kind,
        period_start,
        sum(case when scope_kind = 'clinic' then stay_charges_amount else -stay_charges_amount end) as difference_amount
    from sanatorium
    group by source_id, currency, period_kind, period_start
)

select
    charged.clinic_id as scope,
    charged.local_date as period_start,
    coalesce(charged.charge_amount, 0) - coalesce(clinic_days.stay_charges_amount, 0) as difference_amount
from charged
full outer join clinic_days
    on charged.clinic_id = clinic_days.clinic_id and charged.local_date = clinic_days.period_start
where coalesce(charged.charge_amount, 0) <> coalesce(clinic_days.stay_charges_amount, 0)

union all

select
    source_id as scope,
    period_start,
    difference_amount
from networks
where difference_amount <> 0
