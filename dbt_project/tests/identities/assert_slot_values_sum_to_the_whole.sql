{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_utilisation__slot_mix'}}}) }}
{#
  The parts of each drill-down of the slot value sum to its whole in money and in services, and in slots where a slot has one part; the whole
  is that of the tree, unless the money of the tree has another clock.
#}
{%- set amounts = ['services', 'list_amount', 'discount_amount', 'slotted_revenue_amount'] -%}

with

sums as (
    select scope_id, period_kind, period_start, mix_by, max(slots_in_all) as slots_in_all, sum(slots_sold) as slots_sold
        {%- for amount in amounts %}, sum({{ amount }}) as {{ amount }}{% endfor %}
    from {{ ref('mart_utilisation__slot_mix') }}
    group by scope_id, period_kind, period_start, mix_by
)

select sums.scope_id, sums.period_kind, sums.period_start, sums.mix_by
from sums
left join sums as total using (scope_id, period_kind, period_start)
left join {{ ref('mart_utilisation__tree') }} as tree using (scope_id, period_kind, period_start)
where
    total.mix_by = 'total'
    and (
        sums.slots_sold < sums.slots_in_all
        or (sums.mix_by <> 'service_stage' and sums.slots_sold <> sums.slots_in_all)
        or sums.slots_in_all is distinct from tree.slots_sold
        {%- if var('revenue_clock') == 'performed' %}
        or sums.slotted_revenue_amount is distinct from tree.slotted_revenue_amount
        {%- endif %}
        or sums.slotted_revenue_amount is distinct from sums.list_amount - sums.discount_amount
        {%- for amount in amounts %}
        or sums.{{ amount }} is distinct from total.{{ amount }}
        {%- endfor %}
    )
