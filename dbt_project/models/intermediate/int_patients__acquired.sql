with

leads as (
    select * from {{ ref('fct_leads') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

patients as (
    select * from {{ ref('fct_patients') }}
),

-- A lead that names no patient is of the patient who is booked.
known as (
    select
        leads.lead_id,
        leads.channel,
        leads.local_date,
        leads.created_at,
        coalesce(leads.patient_id, appointments.patient_id) as patient_id
    from leads
    left join appointments on leads.first_appointment_id = appointments.appointment_id
    where coalesce(leads.patient_id, appointments.patient_id) is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by patient_id
            order by case when channel is null then 1 else 0 end, created_at, lead_id
        ) as position
    from known
),

channels as (
    select
        patient_id,
        channel
    from ranked
    where position = 1
),

first_leads as (
    select
        patient_id,
        min(local_date) as first_lead_on
    from known
    group by patient_id
),

everyone as (
    select patient_id from patients
    union
    select patient_id from known
),

final as (
    select
        cast(everyone.patient_id as string) as patient_id,
        cast(coalesce(channels.channel, patients.channel, '(none)') as string) as channel,
        cast(first_leads.first_lead_on as date) as first_lead_on
    from everyone
    left join channels on everyone.patient_id = channels.patient_id
    left join first_leads on everyone.patient_id = first_leads.patient_id
    left join patients on everyone.patient_id = patients.patient_id
)

select * from final
