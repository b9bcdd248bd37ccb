with

leads as (
    select
        *,
        coalesce(channel, '(none)') as known_channel
    from {{ ref('fct_leads') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

marketing_spend as (
    select * from {{ ref('fct_marketing_spend') }}
),

-- A first booking of two leads is of the earlier one.
first_bookings as (
    select
        first_appointment_id as appointment_id,
        known_channel,
        row_number() over (partition by first_appointment_id order by created_at, lead_id) as position
    from leads
    where first_appointment_id is not null
),

deeds as (
    select
        source_id,
        currency,
        clinic_id,
        known_channel as channel,
        local_date,
        1 as leads,
        case when is_booked then 1 else 0 end as leads_booked,
        0 as first_bookings_due,
        0 as first_bookings_attended,
        cast(0 as decimal(18, 2)) as marketing_spend_amount
    from leads
    union all
    -- By the day on which they fell due, not by the day of the lead.
    select
        appointments.source_id,
        appointments.currency,
        appointments.clinic_id,
        first_bookings.known_channel as channel,
        appointments.local_date,
        0 as leads,
        0 as leads_booked,
        case when appointments.appointment_status <> 'scheduled' then 1 else 0 end as first_bookings_due,
        case when appointments.is_attended then 1 else 0 end as first_bookings_attended,
        cast(0 as decimal(18, 2)) as marketing_spend_amount
    from appointments
    inner join first_bookings on appointments.appointment_id = first_bookings.appointment_id
    where first_bookings.position = 1
    union all
    select
        source_id,
        currency,
        clinic_id,
        coalesce(channel, '(none)') as channel,
        local_date,
        0 as leads,
        0 as leads_booked,
        0 as first_bookings_due,
        0 as first_bookings_attended,
        spend_amount as marketing_spend_amount
    from marketing_spend
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(channel as string) as channel,
        cast(sum(leads) as bigint) as leads,
        cast(sum(leads_booked) as bigint) as leads_booked,
        cast(sum(first_bookings_due) as bigint) as first_bookings_due,
        cast(sum(first_bookings_attended) as bigint) as first_bookings_attended,
        cast(sum(marketing_spend_amount) as decimal(18, 2)) as marketing_spend_amount,
        cast(local_date as date) as local_date
    from deeds
    group by source_id, currency, clinic_id, channel, local_date
)

select * from final
