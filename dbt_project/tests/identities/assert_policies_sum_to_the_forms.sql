{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_triune__policies'}}}) }}
{# Acquisition policies sum to commerce in money, patients and visits, and to utilisation in hours and in what they earned. #}

with

policies as (
    select
        scope_id,
        period_kind,
        period_start,
        sum(revenue_amount) as revenue_amount,
        sum(patients) as patients,
        sum(paid_visits) as paid_visits,
        sum(sold_seconds) as sold_seconds,
        sum(slotted_revenue_amount) as slotted_revenue_amount,
        min(scope_sold_seconds) as scope_sold_seconds,
        min(scope_room_seconds) as scope_room_seconds
    from {{ ref('mart_triune__policies') }}
    group by scope_id, period_kind, period_start
),

clinic_days as (
    select * from {{ ref('mart_utilisation__clinic_day') }}
),

utilisation as (
    {{ sum_by_scope_and_period('clinic_days', ['network', 'clinic'], {
        'room_seconds': 'room_seconds', 'sold_seconds': 'sold_seconds', 'slotted_revenue_amount': 'slotted_revenue_amount'
    }) }}
)

select tree.scope_id, tree.period_kind, tree.period_start
from {{ ref('mart_commerce__tree') }} as tree
left join policies
    on
        tree.scope_id = policies.scope_id
        and tree.period_kind = policies.period_kind
        and tree.period_start = policies.period_start
left join utilisation
    on
        tree.scope_id = utilisation.scope_id
        and tree.period_kind = utilisation.period_kind
        and tree.period_start = utilisation.period_start
where
    tree.scope_kind in ('network', 'clinic')
    and tree.period_kind in ('month', 'quarter', 'year')
    and (
        coalesce(tree.revenue_amount, 0) <> coalesce(policies.revenue_amount, 0)
        or coalesce(tree.paying_patients, 0) <> coalesce(policies.patients, 0)
        or coalesce(tree.paid_visits, 0) <> coalesce(policies.paid_visits, 0)
        or coalesce(utilisation.sold_seconds, 0) <> coalesce(policies.sold_seconds, 0)
        or coalesce(utilisation.slotted_revenue_amount, 0) <> coalesce(policies.slotted_revenue_amount, 0)
        or policies.scope_sold_seconds <> coalesce(utilisation.sold_seconds, 0)
        or policies.scope_room_seconds <> coalesce(utilisation.room_seconds, 0)
    )
