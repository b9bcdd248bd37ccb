{#
  What has become of plan items of an age: of the value that was still open when plans reached the band, how much has been performed
  since. A plan that was closed before is not among them; a plan that has just reached the band is, with what it has earned so far.
#}
{%- set kinds = ['network', 'clinic', 'specialty'] -%}
with

positions as (
    select * from {{ ref('int_plan_positions__followed') }}
    where is_presented
),

items as (
    select * from {{ ref('int_plan_items__positioned') }}
),

service_lines as (
    select * from {{ ref('int_lines__performed') }}
),

bands as (
    {%- for days in var('opportunity_age_days').split(',') %}
    {{ 'union all' if not loop.first }}
    select {{ days | trim }} as age_from_days
    {%- endfor %}
),

reached as (
    select
        positions.*,
        bands.age_from_days,
        {{ add_days('positions.local_date', 'bands.age_from_days') }} as reached_on
    from positions
    cross join bands
    where
        {{ add_days('positions.local_date', 'bands.age_from_days') }} <= positions.last_export_date
        and coalesce(positions.closed_on, positions.last_export_date)
        >= {{ add_days('positions.local_date', 'bands.age_from_days') }}
),

works as (
    select
        items.position_id,
        service_lines.local_date,
        sum(service_lines.quantity) as quantity
    from service_lines
    inner join items on service_lines.plan_item_id = items.plan_item_id
    group by items.position_id, service_lines.local_date
),

before as (
    select
        reached.position_id,
        reached.age_from_days,
        cast(greatest(sum(works.quantity), 0) as decimal(18, 4)) as done_quantity
    from reached
    inner join works on reached.position_id = works.position_id and reached.reached_on > works.local_date
    group by reached.position_id, reached.age_from_days
),

valued as (
    select
        reached.*,
        coalesce(
            {{ exact_quotient(
                'reached.presented_amount * least(coalesce(before.done_quantity, 0), reached.presented_quantity)',
                'reached.presented_quantity', scale=2, input_scale=6
            ) }}, 0
        ) as done_before_amount
    from reached
    left join before on reached.position_id = before.position_id and reached.age_from_days = before.age_from_days
),

opened as (
    select
        *,
        presented_amount - done_before_amount as open_then_amount,
        greatest(done_amount - done_before_amount, 0) as performed_since_amount
    from valued
    where presented_amount > done_before_amount
),

scoped as (
    {{ in_scopes('opened', kinds) }}
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(age_from_days as bigint) as age_from_days,
        cast(count(*) as bigint) as items,
        cast(sum(open_then_amount) as decimal(18, 2)) as open_then_amount,
        cast(sum(performed_since_amount) as decimal(18, 2)) as performed_since_amount
    from scoped
    group by scope_id, age_from_days
)

select * from final
