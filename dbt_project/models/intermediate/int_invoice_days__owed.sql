{#
  What is owed on an invoice, as changes by day, each on the day on which it was known. What is paid before the invoice is issued lowers it
  on its day; overpaid is not owed. It is the clinic's that has the invoice now, and goes with who performs it now.
#}
with

invoices as (
    select * from {{ ref('fct_invoices__known') }}
),

payments as (
    select * from {{ ref('fct_invoice_payments__known') }}
),

performers as (
    select * from {{ ref('int_invoices__performed') }}
),

settlements as (
    {%- for relation, day, change in [
        ('invoices', 'counts_from', 'owed_amount'),
        ('invoices', 'counts_until', '-owed_amount'),
        ('payments', 'counts_from', '-paid_amount'),
        ('payments', 'counts_until', 'paid_amount')
    ] %}
    {{ 'union all' if not loop.first }}
    select
        invoice_id,
        {{ day }} as local_date,
        {{ change }} as change_amount
    from {{ relation }}
    {%- endfor %}
),

days as (
    select
        invoice_id,
        local_date,
        sum(change_amount) as change_amount
    from settlements
    where local_date < {{ end_of_time() }}
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
        cast(performers.specialty as string) as specialty,
        cast(performers.employee_id as string) as employee_id,
        cast(changes.debt_amount as decimal(18, 2)) as debt_amount,
        cast(changes.change_amount as decimal(18, 2)) as change_amount,
        cast(changes.local_date as date) as local_date
    from changes
    inner join invoices on changes.invoice_id = invoices.invoice_id and invoices.is_latest
    left join performers
        on invoices.invoice_id = performers.invoice_id and invoices.clinic_id = performers.clinic_id
    where changes.change_amount <> 0
)

select * from final
