with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

marketing_spend as (
    select * from {{ ref('fct_marketing_spend') }}
),

enquiries as (
    select
        clinic_id,
        local_date,
        count(*) as leads,
        {{ count_if('is_booked') }} as leads_booked
    from leads
    group by clinic_id, local_date
),

first_bookings as (
    select distinct first_appointment_id as appointment_id
    from leads
),

-- First bookings of leads by the day on which they fell due, not by the day of the lead.
bookings as (
    select
        appointments.clinic_id,
        appointments.local_date,
        {{ count_if("appointments.appointment_status <> 'scheduled'") }} as first_bookings_due,
        {{ count_if('appointments.is_attended') }} as first_bookings_attended
    from appointments
    inner join first_bookings on appointments.appointment_id = first_bookings.appointment_id
    group by appointments.clinic_id, appointments.local_date
),

spends as (
    select
        clinic_id,
        local_date,
        sum(spend_amount) as marketing_spend_amount
    from marketing_spend
    group by clinic_id, local_date
),

final as (
    select
        cast(clinic_days.clinic_id as string) as clinic_id,
        cast(coalesce(enquiries.leads, 0) as bigint) as leads,
        cast(coalesce(enquiries.leads_booked, 0) as bigint) as leads_booked,
        cast(coalesce(bookings.first_bookings_due, 0) as bigint) as first_bookings_due,
        cast(coalesce(bookings.first_bookings_attended, 0) as bigint) as first_bookings_attended,
        cast(coalesce(spends.marketing_spend_amount, 0) as decimal(18, 2)) as marketing_spend_amount,
        cast(clinic_days.local_date as date) as local_date
    from clinic_days
    left join enquiries using (clinic_id, local_date)
    left join bookings using (clinic_id, local_date)
    left join spends using (clinic_id, local_date)
)

select * from final
