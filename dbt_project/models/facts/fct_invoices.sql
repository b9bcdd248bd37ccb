{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['invoices']}}
    )
}}
with

invoices as (
    select * from {{ ref('stg_invoices') }}
    {{ only_moments_to_rebuild('issued_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(invoices.invoice_id as string) as invoice_id,
        cast(invoices.source_id as string) as source_id,
        cast(invoices.clinic_id as string) as clinic_id,
        cast(invoices.patient_id as string) as patient_id,
        cast(invoices.invoice_status as string) as invoice_status,
        cast(invoices.payer as string) as payer,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(invoices.invoice_amount as decimal(18, 2)) as invoice_amount,
        cast({{ local_date('invoices.issued_at', 'clinics.time_zone') }} as date) as local_date,
        cast(invoices.issued_at as timestamp) as issued_at
    from invoices
    inner join clinics on invoices.clinic_id = clinics.clinic_id
)

select * from final
{{ only_days_to_rebuild() }}
