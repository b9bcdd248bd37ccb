{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_commerce__channels'}}}) }}
{# The channels of a network or a clinic sum to its tree. #}
{%- set measures = [
    'leads', 'leads_booked', 'first_bookings_due', 'first_bookings_attended', 'marketing_spend_amount', 'primary_patients',
    'revenue_primary_amount'
] %}

with

channels as (
    select
        scope_id,
        period_kind,
        period_start,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('mart_commerce__channels') }}
    group by scope_id, period_kind, period_start
)

select tree.scope_id, tree.period_kind, tree.period_start
from {{ ref('mart_commerce__tree') }} as tree
left join channels
    on
        tree.scope_id = channels.scope_id
        and tree.period_kind = channels.period_kind
        and tree.period_start = channels.period_start
where
    tree.scope_kind in ('network', 'clinic')
    and (
        {%- for measure in measures %}
        {{ 'or ' if not loop.first }}coalesce(tree.{{ measure }}, 0) <> coalesce(channels.{{ measure }}, 0)
        {%- endfor %}
    )
