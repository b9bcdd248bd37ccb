{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['shifts', 'appointments']}}
    )
}}
with

shifts as (
    select * from {{ ref('stg_shifts') }}
    {{ only_moments_to_rebuild('starts_at') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
    where
        appointment_status not in ('cancelled', 'rescheduled')
        and (employee_id is not null or resource_id is not null)
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

calendar_rules as (
    select
        *,
        {{ qualified_id('clinic_id') }} as qualified_clinic_id
    from {{ source('ops', 'calendar_rules') }}
    where entity = 'shifts'
),

published as (
    select
        shifts.shift_id,
        shifts.source_id,
        shifts.clinic_id,
        shifts.employee_id,
        shifts.resource_id,
        coalesce(shifts.is_clinical, true) as is_clinical,
        coalesce(shifts.is_cancelled, false) as is_cancelled,
        false as is_assumed,
        {{ local_date('shifts.starts_at', 'clinics.time_zone') }} as local_date,
        shifts.starts_at,
        shifts.ends_at
    from shifts
    inner join clinics on shifts.clinic_id = clinics.clinic_id
),

-- Where the profile says so: from the first appointment to the last, whether its patient came or not.
assumed as (
    select
        appointments.source_id || ':appointments:'
        || {{ surrogate_key([
            'appointments.clinic_id', 'appointments.employee_id', 'appointments.resource_id', 'appointments.local_date'
        ]) }} as shift_id,
        appointments.source_id,
        appointments.clinic_id,
        appointments.employee_id,
        appointments.resource_id,
        true as is_clinical,
        false as is_cancelled,
        true as is_assumed,
        appointments.local_date,
        min(appointments.starts_at) as starts_at,
        max(appointments.ends_at) as ends_at
    from appointments
    inner join calendar_rules
        on
            appointments.source_id = calendar_rules._source
            and appointments.clinic_id = coalesce(calendar_rules.qualified_clinic_id, appointments.clinic_id)
            and appointments.local_date >= calendar_rules.valid_from
            and appointments.local_date <= calendar_rules.valid_to
    group by
        appointments.source_id, appointments.clinic_id, appointments.employee_id, appointments.resource_id,
        appointments.local_date
),

shifts_of_both_kinds as (
    select * from published
    union all
    select * from assumed
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
        cast(shifts.is_clinical as boolean) as is_clinical,
        cast(shifts.is_cancelled as boolean) as is_cancelled,
        cast(shifts.is_clinical and not shifts.is_cancelled as boolean) as is_counted,
        cast(shifts.is_assumed as boolean) as is_assumed,
        cast(shifts.local_date as date) as local_date,
        cast(shifts.starts_at as timestamp) as starts_at,
        cast(shifts.ends_at as timestamp) as ends_at
    from shifts_of_both_kinds as shifts
    inner join clinics on shifts.clinic_id = clinics.clinic_id
)

select * from final
{{ only_days_to_rebuild() }}
