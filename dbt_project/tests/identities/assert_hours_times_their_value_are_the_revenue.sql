{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_utilisation__tree'}}}) }}
{#
  revenue = sold hours × hour value + unslotted, hour value = slot value × slots per hour, in every scope and period. Quotients are shown
  rounded: half a kopeck of the hour value, per hour, is all that the product may differ by. Slotted revenue without a sold second has no hour value.
#}

select
    scope_id,
    period_kind,
    period_start
from {{ ref('mart_utilisation__tree') }}
where
    revenue_amount is distinct from coalesce(slotted_revenue_amount, 0) + unslotted_revenue_amount
    or (hour_value is null) <> (slotted_revenue_amount is null or coalesce(sold_seconds, 0) = 0)
    or abs(cast(hour_value as decimal(28, 2)) * sold_seconds - cast(slotted_revenue_amount as decimal(28, 2)) * 3600) * 200
    > sold_seconds
    or abs(cast(slot_value as decimal(28, 2)) * slots_sold - slotted_revenue_amount) * 200 > slots_sold
    or abs(cast(slots_per_hour as decimal(28, 6)) * sold_seconds - slots_sold * 3600) * 2000000 > sold_seconds
