with

leads as (
    select * from {{ ref('fct_leads') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

lines as (
    select * from {{ ref('int_lines__performed') }}
    where not is_refund
),

plans as (
    select * from {{ ref('fct_plans') }}
    where local_date is not null
),

accepted_plans as (
    select distinct plan_id from {{ ref('fct_plan_items') }}
    where is_accepted
),

payments as (
    select distinct
        patient_id,
        local_date
    from {{ ref('fct_payments') }}
    where is_settled and payment_amount > 0
),

paid_visits as (
    select distinct
        patient_id,
        local_date
    from lines
    where net_amount > 0 and not is_complaint
),

-- The patient of a lead is known from the card, or from the booking that came of it.
known as (
    select
        leads.*,
        coalesce(leads.patient_id, bookings.patient_id) as known_patient_id,
        case when bookings.is_attended then bookings.local_date end as booking_attended_on
    from leads
    left join appointments as bookings on leads.first_appointment_id = bookings.appointment_id
),

-- A booking may be moved, more than once: any visit of the patient from the day of the lead on is the lead's.
visits as (
    select
        lead_id,
        booking_attended_on as shown_on
    from known
    where booking_attended_on is not null
    union all
    select
        known.lead_id,
        appointments.local_date as shown_on
    from known
    inner join appointments
        on known.known_patient_id = appointments.patient_id and known.local_date <= appointments.local_date
    where known.is_booked and appointments.is_attended
),

shows as (
    select
        lead_id,
        min(shown_on) as shown_on
    from visits
    group by lead_id
),

plan_work as (
    select
        plans.plan_id,
        min(lines.local_date) as performed_on
    from plans
    inner join lines on plans.plan_id = lines.plan_id and plans.local_date <= lines.local_date
    group by plans.plan_id
),

-- Of plans that were presented at the visit or later.
prescriptions as (
    select
        known.lead_id,
        min(plans.local_date) as planned_on,
        max(case when accepted_plans.plan_id is not null then 1 else 0 end) as is_accepted,
        min(case when accepted_plans.plan_id is not null then plan_work.performed_on end) as performed_on
    from known
    inner join shows on known.lead_id = shows.lead_id
    inner join plans on known.known_patient_id = plans.patient_id and shows.shown_on <= plans.local_date
    left join accepted_plans on plans.plan_id = accepted_plans.plan_id
    left join plan_work on plans.plan_id = plan_work.plan_id
    group by known.lead_id
),

settled as (
    select distinct known.lead_id
    from known
    inner join shows on known.lead_id = shows.lead_id
    inner join payments on known.known_patient_id = payments.patient_id and shows.shown_on <= payments.local_date
),

first_paid as (
    select
        known.lead_id,
        min(paid_visits.local_date) as first_paid_on,
        max(paid_visits.local_date) as last_paid_on
    from known
    inner join paid_visits
        on known.known_patient_id = paid_visits.patient_id and known.local_date <= paid_visits.local_date
    group by known.lead_id
),

-- Each stage is one of those who reached the stage before.
final as (
    select
        cast(known.lead_id as string) as lead_id,
        cast(known.source_id as string) as source_id,
        cast(known.clinic_id as string) as clinic_id,
        cast(known.currency as string) as currency,
        cast(known.is_booked as boolean) as is_booked,
        cast(shows.shown_on is not null as boolean) as is_shown,
        cast(prescriptions.planned_on is not null as boolean) as is_planned,
        cast(coalesce(prescriptions.is_accepted = 1, false) as boolean) as is_accepted,
        cast(prescriptions.performed_on is not null as boolean) as is_performed,
        cast(prescriptions.performed_on is not null and settled.lead_id is not null as boolean) as is_paid,
        cast(
            coalesce(settled.lead_id is not null and first_paid.last_paid_on > prescriptions.performed_on, false)
            as boolean
        ) as is_returned,
        cast(
            {{ days_between('known.local_date', 'first_paid.first_paid_on') }}
            as bigint
        ) as days_to_paid_visit,
        cast(known.local_date as date) as local_date
    from known
    left join shows on known.lead_id = shows.lead_id
    left join prescriptions on known.lead_id = prescriptions.lead_id
    left join settled on known.lead_id = settled.lead_id
    left join first_paid on known.lead_id = first_paid.lead_id
)

select * from final
