{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['payments']}}
    )
}}
with

payments as (
    select * from {{ ref('stg_payments') }}
    {{ only_moments_to_rebuild('paid_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(payments.payment_id as string) as payment_id,
        cast(payments.source_id as string) as source_id,
        cast(payments.clinic_id as string) as clinic_id,
        cast(payments.patient_id as string) as patient_id,
        cast(payments.payment_kind as string) as payment_kind,
        cast(payments.payment_status as string) as payment_status,
        cast(payments.method as string) as method,
        cast(payments.payer as string) as payer,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(coalesce(payments.payment_status = 'done', true) as boolean) as is_settled,
        cast(payments.payment_amount as decimal(18, 2)) as payment_amount,
        cast({{ local_date('payments.paid_at', 'clinics.time_zone') }} as date) as local_date,
        cast(payments.paid_at as timestamp) as paid_at
    from payments
    inner join clinics on payments.clinic_id = clinics.clinic_id
)

select * from final
{{ only_days_to_rebuild() }}
