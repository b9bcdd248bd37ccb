{# How far the items of plans have come, whatever version they stand in. #}
with

plan_items as (
    select * from {{ ref('fct_plan_items') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
    where plan_item_id is not null
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

payment_allocations as (
    select * from {{ ref('fct_payment_allocations') }}
    where is_settled
),

payments as (
    select
        invoice_id,
        sum(allocated_amount) as allocated_amount
    from payment_allocations
    group by invoice_id
),

-- A refund is settled as the line that it takes back.
billed as (
    select
        service_lines.plan_item_id,
        service_lines.quantity,
        service_lines.net_amount,
        invoices.invoice_id,
        invoices.invoice_amount,
        least(greatest(coalesce(payments.allocated_amount, 0), 0), invoices.invoice_amount) as paid_amount
    from service_lines
    left join service_lines as originals on service_lines.original_line_id = originals.service_line_id
    left join invoices on coalesce(originals.invoice_id, service_lines.invoice_id) = invoices.invoice_id
    left join payments on invoices.invoice_id = payments.invoice_id
    where service_lines.is_performed and service_lines.plan_item_id is not null
),

-- What is paid of an invoice is paid of each of its lines; nothing is owed on an invoice of nothing.
works as (
    select
        plan_item_id,
        sum(quantity) as done_quantity,
        sum(net_amount) as net_amount,
        sum(
            case
                when invoice_id is null then 0
                when invoice_amount <= 0 then net_amount
                else {{ money_quotient('net_amount * paid_amount', 'invoice_amount') }}
            end
        ) as paid_amount
    from billed
    group by plan_item_id
),

bookings as (
    select distinct plan_item_id from appointments
),

final as (
    select
        cast(plan_items.plan_item_id as string) as plan_item_id,
        cast(plan_items.plan_id as string) as plan_id,
        cast(bookings.plan_item_id is not null as boolean) as is_booked,
        cast(coalesce(works.done_quantity, 0) as decimal(18, 4)) as done_quantity,
        cast(coalesce(works.net_amount, 0) as decimal(18, 2)) as net_amount,
        cast(coalesce(works.paid_amount, 0) as decimal(18, 2)) as paid_amount
    from plan_items
    left join works on plan_items.plan_item_id = works.plan_item_id
    left join bookings on plan_items.plan_item_id = bookings.plan_item_id
)

select * from final
