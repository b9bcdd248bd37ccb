{#
  What is owed on an invoice, as changes by day. What is paid before the invoice is issued lowers it on its day; overpaid is not owed.
#}
with

invoices as (
    select * from {{ ref('int_invoices__attributed') }}
    where not is_written_off
),

allocations as (
    select * from {{ ref('fct_payment_allocations') }}
    where is_settled and local_date is not null
),

settlements as (
    select
        invoice_id,
        local_date,
        invoice_amount as change_amount
    from invoices
    union all
    select
        invoices.invoice_id,
        greatest(invoices.local_date, allocations.local_date) as local_date,
        -allocations.allocated_amount as change_amount
    from invoices
    inner join allocations on invoices.invoice_id = allocations.invoice_id
),

days as (
    select
        invoice_id,
        local_date,
        sum(change_amount) as change_amount
    from settlements
    group by invoice_id, local_date
),

balances as (
    select
        invoice_id,
        local_date,
        greatest(
            sum(change_amount) over (
                partition by invoice_id order by local_date rows between unbounded preceding and current row
            ),
            0
        ) as debt_amount
    from days
),

changes as (
    select
        *,
        debt_amount - lag(debt_amount, 1, 0) over (partition by invoice_id order by local_date) as change_amount
    from balances
),

final as (
    select
        cast(invoices.invoice_id as string) as invoice_id,
        cast(invoices.source_id as string) as source_id,
        cast(invoices.currency as string) as currency,
        cast(invoices.clinic_id as string) as clinic_id,
        cast(invoices.specialty as string) as specialty,
        cast(invoices.employee_id as string) as employee_id,
        cast(changes.debt_amount as decimal(18, 2)) as debt_amount,
        cast(changes.change_amount as decimal(18, 2)) as change_amount,
        cast(changes.local_date as date) as local_date
    from changes
    inner join invoices on changes.invoice_id = invoices.invoice_id
)

select * from final
