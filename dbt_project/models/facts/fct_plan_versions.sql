{# Versions of treatment plans. What a plan does not say of clinic and doctor, its consultation tells. #}
with

treatment_plans as (
    select * from {{ ref('stg_treatment_plans') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(treatment_plans.plan_id as string) as plan_id,
        cast(treatment_plans.source_id as string) as source_id,
        cast(clinics.clinic_id as string) as clinic_id,
        cast(treatment_plans.patient_id as string) as patient_id,
        cast(coalesce(treatment_plans.employee_id, appointments.employee_id) as string) as employee_id,
        cast(treatment_plans.appointment_id as string) as appointment_id,
        cast(treatment_plans.programme as string) as programme,
        cast(treatment_plans.plan_status as string) as plan_status,
        cast(clinics.currency as string) as currency,
        cast(clinics.time_zone as string) as time_zone,
        cast(treatment_plans.plan_version as bigint) as plan_version,
        cast({{ local_date('treatment_plans.presented_at', 'clinics.time_zone') }} as date) as presented_on,
        cast(treatment_plans.presented_at as timestamp) as presented_at,
        cast(treatment_plans.signed_at as timestamp) as signed_at,
        cast(treatment_plans.closed_at as timestamp) as closed_at
    from treatment_plans
    left join appointments on treatment_plans.appointment_id = appointments.appointment_id
    inner join clinics on coalesce(treatment_plans.clinic_id, appointments.clinic_id) = clinics.clinic_id
)

select * from final
