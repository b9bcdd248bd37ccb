{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_triune__bridge'}}}) }}
{#
  By either method the parts of a form sum to the change of its revenue, for every pair of periods in which there was anything; and the sensitivity of a
  form starts from its revenue.
#}

with

parts as (
    select
        scope_id,
        period_kind,
        period_start,
        against,
        tree,
        sum(shapley_amount) as shapley_amount,
        sum(chain_amount) as chain_amount
    from {{ ref('mart_triune__bridge') }}
    group by scope_id, period_kind, period_start, against, tree
),

sensitivities as (
    select * from {{ ref('mart_triune__sensitivity') }}
    where branch = '(all)'
)

{%- for tree, about in trees().items() %}
{%- for against in ['previous', 'year_ago'] %}

select '{{ tree }}' as tree, '{{ against }}' as what, later.scope_id, later.period_kind, later.period_start
from {{ ref(about['mart']) }} as later
inner join {{ ref(about['mart']) }} as earlier
    on
        later.scope_id = earlier.scope_id
        and later.period_kind = earlier.period_kind
        and {{ base_start(against, 'later.period_kind', 'later.period_start') }} = earlier.period_start
left join parts
    on
        later.scope_id = parts.scope_id
        and later.period_kind = parts.period_kind
        and later.period_start = parts.period_start
        and parts.against = '{{ against }}'
        and parts.tree = '{{ tree }}'
where
    (parts.scope_id is not null or later.revenue_amount <> 0 or earlier.revenue_amount <> 0)
    and (
        parts.shapley_amount is distinct from later.revenue_amount - earlier.revenue_amount
        or parts.chain_amount is distinct from later.revenue_amount - earlier.revenue_amount
    )

union all
{%- endfor %}

select '{{ tree }}' as tree, 'sensitivity' as what, revenues.scope_id, revenues.period_kind, revenues.period_start
from {{ ref(about['mart']) }} as revenues
left join sensitivities
    on
        revenues.scope_id = sensitivities.scope_id
        and revenues.period_kind = sensitivities.period_kind
        and revenues.period_start = sensitivities.period_start
        and sensitivities.tree = '{{ tree }}'
where
    revenues.scope_kind in ('network', 'clinic')
    and revenues.period_kind in ('month', 'quarter', 'year')
    and sensitivities.value is distinct from revenues.revenue_amount
{{ 'union all' if not loop.last }}
{%- endfor %}
