{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entity': 'shifts'}}
    )
}}
with

shifts as (
    select * from {{ ref('stg_shifts') }}
    {{ only_moments_to_rebuild('starts_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(shifts.shift_id as string) as shift_id,
        cast(shifts.source_id as string) as source_id,
        cast(shifts.clinic_id as string) as clinic_id,
        cast(shifts.employee_id as string) as employee_id,
        cast(shifts.resource_id as string) as resource_id,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(coalesce(shifts.is_clinical, true) as boolean) as is_clinical,
        cast(coalesce(shifts.is_cancelled, false) as boolean) as is_cancelled,
        cast(coalesce(shifts.is_clinical, true) and not coalesce(shifts.is_cancelled, false) as boolean) as is_counted,
        cast({{ local_date('shifts.starts_at', 'clinics.time_zone') }} as date) as local_date,
        cast(shifts.starts_at as timestamp) as starts_at,
        cast(shifts.ends_at as timestamp) as ends_at
    from shifts
    inner join clinics on shifts.clinic_id = clinics.clinic_id
)

select * from final
{{ only_days_to_rebuild() }}
