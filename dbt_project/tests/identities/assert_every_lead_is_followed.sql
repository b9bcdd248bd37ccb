{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_patients__journey'}}}) }}
{# Every lead is in the journey and in one bucket of the deal cycle, no stage has more than the one before. #}

with

journeys as (
    select * from {{ ref('mart_patients__journey') }}
    where leads is not null
),

cycles as (
    select * from {{ ref('mart_patients__deal_cycle') }}
),

leads as (
    select
        clinic_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        count(*) as leads
    from {{ ref('fct_leads') }}
    group by clinic_id, {{ period_start_of('month', 'local_date') }}
),

deals as (
    select
        scope_id,
        period_start,
        sum(lead_deals) as lead_deals
    from cycles
    group by scope_id, period_start
)

select
    journeys.scope_id,
    journeys.period_start
from journeys
left join leads on journeys.clinic_id = leads.clinic_id and journeys.period_start = leads.period_start
left join deals on journeys.scope_id = deals.scope_id and journeys.period_start = deals.period_start
where
    (journeys.scope_kind = 'clinic' and journeys.leads <> coalesce(leads.leads, 0))
    or journeys.leads <> deals.lead_deals
    or journeys.leads < journeys.leads_booked
    or journeys.leads_booked < journeys.leads_shown
    or journeys.leads_shown < journeys.leads_planned
    or journeys.leads_planned < journeys.leads_accepted
    or journeys.leads_accepted < journeys.leads_performed
    or journeys.leads_performed < journeys.leads_paid
    or journeys.leads_paid < journeys.leads_returned
