{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['appointments']}}
    )
}}
with

appointments as (
    select * from {{ ref('stg_appointments') }}
    {{ only_moments_to_rebuild('planned_start_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

placed as (
    select
        appointments.*,
        clinics.currency,
        clinics.time_zone,
        {{ local_date('appointments.planned_start_at', 'clinics.time_zone') }} as local_date,
        coalesce(appointments.started_at, appointments.planned_start_at) as known_start_at,
        coalesce(appointments.ended_at, appointments.planned_end_at) as known_end_at
    from appointments
    inner join clinics on appointments.clinic_id = clinics.clinic_id
),

-- A missing stamp is taken from the plan; if the end then precedes the start, the planned interval holds as a whole.
timed as (
    select
        *,
        appointment_status = 'attended' as is_attended,
        coalesce(known_end_at >= known_start_at, false) as is_interval_known,
        started_at is null or ended_at is null or ended_at < started_at as is_time_imputed
    from placed
),

intervals as (
    select
        *,
        case when is_interval_known then known_start_at else planned_start_at end as starts_at,
        case
            when is_interval_known then known_end_at
            when planned_end_at >= planned_start_at then planned_end_at
            else planned_start_at
        end as ends_at
    from timed
),

measured as (
    select
        *,
        case
            when is_attended
                then {{ seconds_between('starts_at', 'ends_at') }}
            else 0
        end as attended_seconds
    from intervals
),

final as (
    select
        cast(appointment_id as string) as appointment_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(patient_id as string) as patient_id,
        cast(employee_id as string) as employee_id,
        cast(resource_id as string) as resource_id,
        cast(slot_id as string) as slot_id,
        cast(lead_id as string) as lead_id,
        cast(plan_item_id as string) as plan_item_id,
        cast(rescheduled_to_appointment_id as string) as rescheduled_to_appointment_id,
        cast(appointment_status as string) as appointment_status,
        cast(visit_kind as string) as visit_kind,
        cast(cancelled_by as string) as cancelled_by,
        cast(currency as string) as currency,
        cast(time_zone as string) as time_zone,
        cast(is_attended as boolean) as is_attended,
        cast(coalesce(is_complaint, false) as boolean) as is_complaint,
        cast(is_record_signed as boolean) as is_record_signed,
        cast(is_time_imputed as boolean) as is_time_imputed,
        cast(attended_seconds as bigint) as attended_seconds,
        cast(local_date as date) as local_date,
        cast(booked_at as timestamp) as booked_at,
        cast(planned_start_at as timestamp) as planned_start_at,
        cast(planned_end_at as timestamp) as planned_end_at,
        cast(arrived_at as timestamp) as arrived_at,
        cast(started_at as timestamp) as started_at,
        cast(ended_at as timestamp) as ended_at,
        cast(starts_at as timestamp) as starts_at,
        cast(ends_at as timestamp) as ends_at
    from measured
)

select * from final
{{ only_days_to_rebuild() }}
