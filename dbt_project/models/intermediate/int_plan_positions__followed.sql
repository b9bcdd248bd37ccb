{#
  A position of a plan is what one item of it stands for: the same service in the same place of every version, or one group of alternatives.
  Its value is that of the first presentation; what is open of it is what the latest version asks for.
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
        plan_items.*,
        items_worked.is_booked,
        items_worked.done_quantity,
        items_worked.net_amount,
        items_worked.paid_amount,
        case
            when plan_items.alternative_group is null
                then coalesce(cast(plan_items.item_position as string), '') || '|' || plan_items.service_id
            else 'alternatives|' || plan_items.alternative_group
        end as position_key,
        -- Two items without a place may be of one service.
        case
            when plan_items.alternative_group is null
                then row_number() over (
                    partition by
                        plan_items.plan_id, plan_items.plan_version, plan_items.alternative_group,
                        plan_items.item_position, plan_items.service_id
                    order by plan_items.plan_item_id
                )
            else 1
        end as position_number,
        plan_items.plan_version = max(plan_items.plan_version) over (partition by plan_items.plan_id)
            as is_latest_version
    from plan_items
    inner join plans on plan_items.plan_id = plans.plan_id
    inner join items_worked on plan_items.plan_item_id = items_worked.plan_item_id
),

-- Of the alternatives of the latest version the one that was agreed to, else the first that was not declined.
chosen as (
    select
        *,
        is_latest_version and row_number() over (
            partition by plan_id, position_key, position_number, is_latest_version
            order by is_accepted desc, declined_at asc nulls first, item_position asc nulls last, plan_item_id asc
        ) = 1 as is_current
    from numbered
),

positions as (
    select
        plan_id,
        position_key,
        position_number,
        {%- for whose, mark in {'presented': 'is_in_presented_value', 'current': 'is_current'}.items() %}
        max(case when {{ mark }} then plan_item_id end) as {{ whose }}_item_id,
        max(case when {{ mark }} then service_id end) as {{ whose }}_service_id,
        cast(sum(case when {{ mark }} then quantity else 0 end) as decimal(18, 4)) as {{ whose }}_quantity,
        cast(sum(case when {{ mark }} then item_amount else 0 end) as decimal(18, 2)) as {{ whose }}_amount,
        cast(sum(case when {{ mark }} then coalesce(direct_cost_amount, 0) else 0 end) as decimal(18, 2))
            as {{ whose }}_cost_amount,
        {%- endfor %}
        max(case when is_current and (is_accepted or declined_at is null) then 1 else 0 end) = 1 as is_asked_for,
        max(case when is_accepted then 1 else 0 end) = 1 as is_accepted,
        max(case when is_booked then 1 else 0 end) = 1 as is_booked,
        cast(greatest(sum(done_quantity), 0) as decimal(18, 4)) as done_quantity,
        sum(net_amount) as net_amount,
        least(greatest(sum(paid_amount), 0), sum(net_amount)) as paid_amount
    from chosen
    group by plan_id, position_key, position_number
),

-- What is performed has been booked, and what is booked has been agreed to, whether or not anybody has noted it.
staged as (
    select
        *,
        presented_item_id is not null as is_presented,
        is_booked or done_quantity > 0 as has_come_to_a_visit,
        done_quantity > 0 and done_quantity >= presented_quantity as is_done,
        coalesce(
            {{ exact_quotient(
                'presented_amount * least(done_quantity, presented_quantity)', 'presented_quantity', scale=2, input_scale=6
            ) }}, 0
        ) as done_amount,
        greatest(current_quantity - done_quantity, 0) as open_quantity
    from positions
),

-- Work that has cost nothing owes nothing.
settled as (
    select
        *,
        {%- for part in ['', '_cost'] %}
        coalesce(
            {{ exact_quotient(
                'current' ~ part ~ '_amount * open_quantity', 'current_quantity', scale=2, input_scale=6
            ) }}, 0
        ) as open{{ part }}_amount,
        {%- endfor %}
        case
            when net_amount <= 0 then done_amount
            else {{ money_quotient('done_amount * paid_amount', 'net_amount') }}
        end as collected_amount
    from staged
),

final as (
    select
        cast(
            settled.plan_id || '|' || settled.position_key || '|' || cast(settled.position_number as string) as string
        ) as position_id,
        cast(settled.plan_id as string) as plan_id,
        cast(coalesce(settled.current_item_id, settled.presented_item_id) as string) as plan_item_id,
        cast(coalesce(settled.current_service_id, settled.presented_service_id) as string) as service_id,
        cast(plans.source_id as string) as source_id,
        cast(plans.clinic_id as string) as clinic_id,
        cast(plans.specialty as string) as specialty,
        cast(plans.employee_id as string) as employee_id,
        cast(plans.programme as string) as programme,
        cast(plans.currency as string) as currency,
        cast(settled.is_presented as boolean) as is_presented,
        cast(settled.is_accepted or settled.has_come_to_a_visit as boolean) as is_agreed,
        cast(settled.has_come_to_a_visit as boolean) as is_booked,
        cast(settled.is_done as boolean) as is_done,
        cast(settled.is_done and settled.collected_amount = settled.done_amount as boolean) as is_collected,
        cast(plans.is_open and settled.is_asked_for and settled.open_amount > 0 as boolean) as is_open,
        cast(settled.open_quantity as decimal(18, 4)) as open_quantity,
        cast(settled.presented_amount as decimal(18, 2)) as presented_amount,
        cast(settled.done_amount as decimal(18, 2)) as done_amount,
        cast(settled.collected_amount as decimal(18, 2)) as collected_amount,
        cast(
            case
                when plans.is_open and settled.is_asked_for then settled.presented_amount - settled.done_amount else 0
            end as decimal(18, 2)
        ) as active_amount,
        cast(settled.open_amount as decimal(18, 2)) as open_amount,
        cast(settled.open_cost_amount as decimal(18, 2)) as open_cost_amount,
        cast(plans.local_date as date) as local_date,
        cast(plans.closed_on as date) as closed_on,
        cast(plans.last_export_date as date) as last_export_date
    from settled
    inner join plans on settled.plan_id = plans.plan_id
)

select * from final
