{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['leads']}}
    )
}}
with

leads as (
    select * from {{ ref('stg_leads') }}
    {{ only_moments_to_rebuild('created_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(leads.lead_id as string) as lead_id,
        cast(leads.source_id as string) as source_id,
        cast(leads.clinic_id as string) as clinic_id,
        cast(leads.patient_id as string) as patient_id,
        cast(leads.first_appointment_id as string) as first_appointment_id,
        cast(leads.channel as string) as channel,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(leads.first_appointment_id is not null as boolean) as is_booked,
        cast({{ local_date('leads.created_at', 'clinics.time_zone') }} as date) as local_date,
        cast(leads.created_at as timestamp) as created_at
    from leads
    inner join clinics on leads.clinic_id = clinics.clinic_id
)

select * from final
{{ only_days_to_rebuild() }}
