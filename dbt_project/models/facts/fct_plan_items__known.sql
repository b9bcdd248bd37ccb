{#
  Items of plans over the days on which they were known and not declined. A part of a plan is a group of alternatives, or else a service: in
  a new version of the plan its items have new ids, and what was done on the old ones still counts.
#}
with

items as (
    select * from {{ ref('stg_plan_items__known') }}
),

plans as (
    select
        plan_id,
        max(time_zone) as time_zone
    from {{ ref('fct_plans__known') }}
    group by plan_id
),

placed as (
    select
        items.*,
        {{ plan_part() }} as part,
        {{ local_date('items.declined_at', 'plans.time_zone') }} as declined_on
    from items
    inner join plans on items.plan_id = plans.plan_id
),

final as (
    select
        cast(plan_item_id as string) as plan_item_id,
        cast(plan_id as string) as plan_id,
        cast(part as string) as part,
        cast(alternative_group as string) as alternative_group,
        cast(plan_version as bigint) as plan_version,
        cast(item_position as bigint) as item_position,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(item_amount as decimal(18, 2)) as item_amount,
        cast(row_number() over (partition by plan_item_id order by known_from desc) = 1 as boolean) as is_latest,
        cast(known_from as date) as counts_from,
        cast(greatest(known_from, least(known_until, coalesce(declined_on, known_until))) as date) as counts_until
    from placed
)

select * from final
