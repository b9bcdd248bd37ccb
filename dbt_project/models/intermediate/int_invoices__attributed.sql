with

invoices as (
    select * from {{ ref('fct_invoices') }}
    where coalesce(invoice_status, 'open') <> 'cancelled'
),

performers as (
    select * from {{ ref('int_invoices__performed') }}
),

allocations as (
    select * from {{ ref('fct_payment_allocations') }}
    where is_settled
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
        cast(performers.specialty as string) as specialty,
        cast(performers.employee_id as string) as employee_id,
        cast(invoices.payer as string) as payer,
        cast(coalesce(paid.paid_amount, 0) >= invoices.invoice_amount as boolean) as is_paid_on_its_date,
        cast(invoices.invoice_amount as decimal(18, 2)) as invoice_amount,
        cast(invoices.local_date as date) as local_date
    from invoices
    left join performers
        on invoices.invoice_id = performers.invoice_id and invoices.clinic_id = performers.clinic_id
    left join paid on invoices.invoice_id = paid.invoice_id
)

select * from final
