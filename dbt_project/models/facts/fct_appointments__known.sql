{#
  Appointments over the days on which each state of them was known. A booking is stamped by the MIS and holds from its own day, in whatever
  export it first comes; that it is cancelled or moved is known from the exports.
#}
with

appointments as (
    select * from {{ ref('stg_appointments__known') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(appointments.appointment_id as string) as appointment_id,
        cast(appointments.source_id as string) as source_id,
        cast(clinics.currency as string) as currency,
        cast(appointments.clinic_id as string) as clinic_id,
        cast(appointments.employee_id as string) as employee_id,
        cast(appointments.patient_id as string) as patient_id,
        cast(appointments.appointment_status as string) as appointment_status,
        cast({{ local_date('appointments.booked_at', 'clinics.time_zone') }} as date) as booked_on,
        cast({{ local_date('appointments.planned_start_at', 'clinics.time_zone') }} as date) as local_date,
        cast(appointments.known_from as date) as known_from,
        cast(appointments.known_until as date) as known_until
    from appointments
    inner join clinics on appointments.clinic_id = clinics.clinic_id
)

select * from final
