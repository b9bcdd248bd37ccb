{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_kpi__fee_levels'}}}) }}
{# Fee levels, payers, and self-payers with insurers each make all net revenue; unused hours are part of the hours. #}
with

periods as (
    select * from {{ ref('mart_kpi__periods') }}
),

splits as (
    {%- for mart, column in [('mart_kpi__fee_levels', 'fee_level'), ('mart_kpi__payers', 'payer')] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ column }}' as split,
        scope_id,
        period_kind,
        period_start,
        sum({{ column }}_net_amount) as net_amount,
        min(net_revenue_amount) as net_revenue_amount
    from {{ ref(mart) }}
    where {{ column }}_net_amount is not null
    group by scope_id, period_kind, period_start
    {%- endfor %}
)

select
    splits.split as what,
    splits.scope_id,
    splits.period_kind,
    splits.period_start
from splits
left join periods
    on
        splits.scope_id = periods.scope_id
        and splits.period_kind = periods.period_kind
        and splits.period_start = periods.period_start
where
    splits.net_amount is distinct from splits.net_revenue_amount
    or splits.net_amount is distinct from periods.net_revenue_amount

union all

select
    'self-pay and insurers' as what,
    scope_id,
    period_kind,
    period_start
from periods
where net_revenue_amount <> self_pay_amount + insurer_amount or unused_seconds not between 0 and clinical_seconds
