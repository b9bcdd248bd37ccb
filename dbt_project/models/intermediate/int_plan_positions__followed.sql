{#
  A position of a plan is what one item of it stands for, in all its versions and alternatives (int_plan_items__positioned). Its value is that
  of the first presentation; open is what the version in force asks for.
#}
with

plans as (
    select * from {{ ref('int_plans__followed') }}
),

items as (
    select * from {{ ref('int_plan_items__positioned') }}
),

positions as (
    select
        plan_id,
        position_id,
        {%- for whose, mark in {'presented': 'is_in_presented_value', 'current': 'is_current'}.items() %}
        max(case when {{ mark }} then plan_item_id end) as {{ whose }}_item_id,
        max(case when {{ mark }} then service_id end) as {{ whose }}_service_id,
        cast(sum(case when {{ mark }} then quantity else 0 end) as decimal(18, 4)) as {{ whose }}_quantity,
        cast(sum(case when {{ mark }} then item_amount else 0 end) as decimal(18, 2)) as {{ whose }}_amount,
        cast(sum(case when {{ mark }} then direct_cost_amount else 0 end) as decimal(18, 2))
            as {{ whose }}_cost_amount,
        {%- endfor %}
        max(case when is_asked_for then 1 else 0 end) = 1 as is_asked_for,
        max(case when is_accepted then 1 else 0 end) = 1 as is_accepted,
        max(case when is_booked then 1 else 0 end) = 1 as is_booked,
        cast(greatest(sum(done_quantity), 0) as decimal(18, 4)) as done_quantity,
        sum(net_amount) as net_amount,
        least(greatest(sum(paid_amount), 0), sum(net_amount)) as paid_amount
    from items
    group by plan_id, position_id
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
        cast(settled.position_id as string) as position_id,
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
        cast(settled.presented_quantity as decimal(18, 4)) as presented_quantity,
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
