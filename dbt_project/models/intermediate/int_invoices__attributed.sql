{#
  An invoice has no performer: it goes with the one whose lines make the most of it, so that practitioners sum to their clinic.
#}
with

invoices as (
    select * from {{ ref('fct_invoices') }}
    where coalesce(invoice_status, 'open') <> 'cancelled'
),

lines as (
    select * from {{ ref('int_lines__performed') }}
    where invoice_id is not null and not is_refund
),

allocations as (
    select * from {{ ref('fct_payment_allocations') }}
    where is_settled
),

shares as (
    select
        lines.invoice_id,
        lines.employee_id,
        lines.specialty,
        sum(lines.net_amount) as net_amount
    from lines
    inner join invoices on lines.invoice_id = invoices.invoice_id and lines.clinic_id = invoices.clinic_id
    group by lines.invoice_id, lines.employee_id, lines.specialty
),

ranked as (
    select
        *,
        row_number() over (
            partition by invoice_id
            order by net_amount desc, employee_id asc nulls last, specialty asc nulls last
        ) as share_order
    from shares
),

paid as (
    select
        invoices.invoice_id,
        sum(allocations.allocated_amount) as paid_amount
    from invoices
    inner join allocations
        on invoices.invoice_id = allocations.invoice_id and invoices.local_date >= allocations.local_date
    group by invoices.invoice_id
),

final as (
    select
        cast(invoices.invoice_id as string) as invoice_id,
        cast(invoices.source_id as string) as source_id,
        cast(invoices.currency as string) as currency,
        cast(invoices.clinic_id as string) as clinic_id,
        cast(ranked.specialty as string) as specialty,
        cast(ranked.employee_id as string) as employee_id,
        cast(invoices.payer as string) as payer,
        cast(coalesce(invoices.invoice_status = 'written_off', false) as boolean) as is_written_off,
        cast(coalesce(paid.paid_amount, 0) >= invoices.invoice_amount as boolean) as is_paid_on_its_date,
        cast(invoices.invoice_amount as decimal(18, 2)) as invoice_amount,
        cast(invoices.local_date as date) as local_date
    from invoices
    left join ranked on invoices.invoice_id = ranked.invoice_id and ranked.share_order = 1
    left join paid on invoices.invoice_id = paid.invoice_id
)

select * from final
