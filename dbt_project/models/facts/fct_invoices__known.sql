{#
  What was known to be owed for invoices before any payment, and on which days: one cancelled or written off is
  not owed any more.
#}
with

invoices as (
    select
        *,
        row_number() over (partition by invoice_id order by known_from desc) = 1 as is_latest
    from {{ ref('stg_invoices__known') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

placed as (
    select
        invoices.*,
        clinics.currency,
        clinics.time_zone,
        {{ local_date('invoices.issued_at', 'clinics.time_zone') }} as local_date
    from invoices
    inner join clinics on invoices.clinic_id = clinics.clinic_id
),

final as (
    select
        cast(invoice_id as string) as invoice_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(currency as string) as currency,
        cast(time_zone as string) as time_zone,
        cast(is_latest as boolean) as is_latest,
        cast(case when invoice_status in ('cancelled', 'written_off') then 0 else invoice_amount end as decimal(18, 2))
            as owed_amount,
        cast(greatest(local_date, known_from) as date) as counts_from,
        cast(greatest(local_date, known_until) as date) as counts_until
    from placed
    where local_date is not null
)

select * from final
