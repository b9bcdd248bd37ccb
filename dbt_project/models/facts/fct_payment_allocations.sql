{# A table, not incremental: an allocation has no day of its own where the source does not say when it was made. #}
with

payment_allocations as (
    select * from {{ ref('stg_payment_allocations') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

placed as (
    select
        payment_allocations.*,
        coalesce(invoices.clinic_id, payments.clinic_id) as clinic_id,
        payments.payment_kind,
        coalesce(payments.is_settled, true) as is_settled,
        coalesce(payment_allocations.allocated_at, payments.paid_at) as known_at
    from payment_allocations
    left join payments on payment_allocations.payment_id = payments.payment_id
    left join invoices on payment_allocations.invoice_id = invoices.invoice_id
),

final as (
    select
        cast(placed.payment_id as string) as payment_id,
        cast(placed.invoice_id as string) as invoice_id,
        cast(placed.source_id as string) as source_id,
        cast(placed.clinic_id as string) as clinic_id,
        cast(placed.payment_kind as string) as payment_kind,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(placed.is_settled as boolean) as is_settled,
        cast(placed.allocated_amount as decimal(18, 2)) as allocated_amount,
        cast({{ local_date('placed.known_at', 'clinics.time_zone') }} as date) as local_date,
        cast(placed.known_at as timestamp) as allocated_at
    from placed
    left join clinics on placed.clinic_id = clinics.clinic_id
)

select * from final
