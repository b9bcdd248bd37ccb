{#
  Items with the position of the plan that they stand for: a group of alternatives, or else the first, second … item of a service, in every
  version. So a revised plan or the choice of an alternative is the same promise.
#}
with

plans as (
    select * from {{ ref('int_plans__followed') }}
),

plan_items as (
    select * from {{ ref('fct_plan_items') }}
),

items_worked as (
    select * from {{ ref('int_plan_items__worked') }}
),

numbered as (
    select
        *,
        {{ plan_part() }} || '|' || case
            when alternative_group is null
                then cast(
                    row_number() over (
                        partition by plan_id, plan_version, alternative_group, service_id
                        order by item_position asc nulls last, plan_item_id asc
                    ) as string
                )
            else ''
        end as position_key,
        coalesce(version_presented_on is not null and version_replaced_on is null, false) as is_in_force
    from plan_items
),

-- Of the alternatives in force the one that was agreed to, else the first that was not declined.
chosen as (
    select
        *,
        is_in_force and row_number() over (
            partition by plan_id, position_key, is_in_force
            order by is_accepted desc, is_open_choice desc, item_position asc nulls last, plan_item_id asc
        ) = 1 as is_current
    from numbered
),

final as (
    select
        cast(chosen.plan_item_id as string) as plan_item_id,
        cast(chosen.plan_id || '|' || chosen.position_key as string) as position_id,
        cast(chosen.plan_id as string) as plan_id,
        cast(chosen.service_id as string) as service_id,
        cast(chosen.is_in_presented_value as boolean) as is_in_presented_value,
        cast(chosen.is_current as boolean) as is_current,
        cast(chosen.is_current and (chosen.is_accepted or chosen.declined_on is null) as boolean) as is_asked_for,
        cast(chosen.is_accepted as boolean) as is_accepted,
        cast(items_worked.is_booked as boolean) as is_booked,
        cast(chosen.quantity as decimal(18, 4)) as quantity,
        cast(items_worked.done_quantity as decimal(18, 4)) as done_quantity,
        cast(chosen.item_amount as decimal(18, 2)) as item_amount,
        cast(coalesce(chosen.direct_cost_amount, 0) as decimal(18, 2)) as direct_cost_amount,
        cast(items_worked.net_amount as decimal(18, 2)) as net_amount,
        cast(items_worked.paid_amount as decimal(18, 2)) as paid_amount
    from chosen
    inner join plans on chosen.plan_id = plans.plan_id
    inner join items_worked on chosen.plan_item_id = items_worked.plan_item_id
)

select * from final
