{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['slots']}}
    )
}}
with

slots as (
    select * from {{ ref('stg_slots') }}
    {{ only_moments_to_rebuild('starts_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(slots.slot_id as string) as slot_id,
        cast(slots.source_id as string) as source_id,
        cast(slots.clinic_id as string) as clinic_id,
        cast(slots.resource_id as string) as resource_id,
        cast(slots.employee_id as string) as employee_id,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(slots.is_booked as boolean) as is_booked,
        cast(slots.slot_minutes as decimal(18, 4)) as slot_minutes,
        cast({{ local_date('slots.starts_at', 'clinics.time_zone') }} as date) as local_date,
        cast(slots.starts_at as timestamp) as starts_at
    from slots
    inner join clinics on slots.clinic_id = clinics.clinic_id
)

select * from final
{{ only_days_to_rebuild() }}
