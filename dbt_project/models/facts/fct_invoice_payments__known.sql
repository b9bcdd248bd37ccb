{# What was known to be paid of invoices, and on which days. A payment that never got through pays nothing. #}
with

allocations as (
    select * from {{ ref('stg_payment_allocations__known') }}
),

-- One that the source does not hold any more is as it was last.
payments as (
    select
        *,
        lead(known_from, 1, {{ end_of_time() }}) over (partition by payment_id order by known_from) as replaced_on
    from {{ ref('stg_payments__known') }}
),

invoices as (
    select * from {{ ref('fct_invoices__known') }}
    where is_latest
),

paid as (
    select
        allocations.*,
        invoices.clinic_id,
        {{ local_date('coalesce(allocations.allocated_at, payments.paid_at)', 'invoices.time_zone') }} as local_date,
        greatest(allocations.known_from, coalesce(payments.known_from, {{ beginning_of_time() }})) as told_from,
        least(allocations.known_until, coalesce(payments.replaced_on, {{ end_of_time() }})) as told_until
    from allocations
    inner join invoices on allocations.invoice_id = invoices.invoice_id
    left join payments
        on
            allocations.payment_id = payments.payment_id
            and allocations.known_from < payments.replaced_on
            and allocations.known_until > payments.known_from
    where coalesce(payments.payment_status, 'done') = 'done'
),

final as (
    select
        cast(payment_id as string) as payment_id,
        cast(invoice_id as string) as invoice_id,
        cast(allocated_amount as decimal(18, 2)) as paid_amount,
        cast(greatest(local_date, told_from) as date) as counts_from,
        cast(told_until as date) as counts_until
    from paid
    where local_date is not null and greatest(local_date, told_from) < told_until
)

select * from final
