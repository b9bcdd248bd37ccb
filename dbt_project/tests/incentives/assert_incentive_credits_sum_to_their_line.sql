{{ config(meta={'guard': true, 'dagster': {'ref': {'name': 'mart_incentives__s01_events'}}}) }}
-- Tolerance zero: the parts of an event, what the clinic keeps included, are its net and its direct cost.
with

events as (
    select * from {{ ref('mart_incentives__s01_events') }}
),

credits as (
    select
        event_id,
        sum(credited_net_amount) as credited_net_amount,
        sum(credited_cost_amount) as credited_cost_amount
    from {{ ref('mart_incentives__s02_credits') }}
    group by event_id
)

select
    events.event_id,
    events.net_amount,
    credits.credited_net_amount,
    events.direct_cost_amount,
    credits.credited_cost_amount
from events
full join credits on events.event_id = credits.event_id
where
    events.net_amount is distinct from credits.credited_net_amount
    or events.direct_cost_amount is distinct from credits.credited_cost_amount
