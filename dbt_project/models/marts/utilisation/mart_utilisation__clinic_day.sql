with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

available as (
    {{ available_metrics('mart_utilisation__clinic_day') }}
),

resource_days as (
    select * from {{ ref('int_resource_days__loaded') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

slots as (
    select * from {{ ref('fct_slots') }}
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
    where is_performed
),

loads as (
    select
        clinic_id,
        local_date,
        sum(room_seconds) as room_seconds,
        sum(assumed_room_seconds) as assumed_room_seconds,
        sum(shift_seconds) as shift_seconds,
        sum(assumed_shift_seconds) as assumed_shift_seconds,
        sum(doctor_seconds) as doctor_seconds,
        sum(sold_seconds) as sold_seconds,
        sum(slots_sold) as slots_sold
    from resource_days
    group by clinic_id, local_date
),

bookings as (
    select
        clinic_id,
        local_date,
        count(*) as appointments,
        {%- for status in ['scheduled', 'attended', 'no_show', 'cancelled', 'rescheduled', 'unknown'] %}
        {{ count_if("appointment_status = '" ~ status ~ "'") }} as appointments_{{ status }},
        {%- endfor %}
        {{ count_if('is_attended and is_time_imputed') }} as imputed_times,
        {{ count_if('is_attended and resource_id is null') }} as visits_without_resource,
        sum(attended_seconds) as attended_seconds
    from appointments
    group by clinic_id, local_date
),

timetables as (
    select
        clinic_id,
        local_date,
        count(*) as slots_offered,
        {{ count_if('is_booked') }} as slots_booked
    from slots
    group by clinic_id, local_date
),

revenues as (
    select
        clinic_id,
        local_date,
        sum(net_amount) as revenue_amount,
        sum(case when is_slotted then net_amount else 0 end) as slotted_revenue_amount,
        sum(case when is_slotted then 0 else net_amount end) as unslotted_revenue_amount
    from service_lines
    group by clinic_id, local_date
),

measured as (
    select
        {%- for metric in [
            'appointments', 'appointments_scheduled', 'appointments_attended', 'appointments_no_show', 'appointments_cancelled',
            'appointments_rescheduled', 'appointments_unknown', 'imputed_times', 'visits_without_resource', 'slots_sold',
            'slots_offered', 'slots_booked', 'room_seconds', 'assumed_room_seconds', 'shift_seconds', 'assumed_shift_seconds',
            'doctor_seconds', 'sold_seconds', 'attended_seconds', 'revenue_amount', 'slotted_revenue_amount', 'unslotted_revenue_amount'
        ] %}
        {{ where_available(metric, metric) }} as {{ metric }},
        {%- endfor %}
        clinic_days.clinic_id,
        clinic_days.source_id,
        clinic_days.currency,
        clinic_days.local_date
    from clinic_days
    left join available on clinic_days.source_id = available.source_id
    {%- for part in ['loads', 'bookings', 'timetables', 'revenues'] %}
    left join {{ part }} using (clinic_id, local_date)
    {%- endfor %}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {%- for count in [
            'appointments', 'appointments_scheduled', 'appointments_attended', 'appointments_no_show', 'appointments_cancelled',
            'appointments_rescheduled', 'appointments_unknown', 'slots_sold', 'slots_offered', 'slots_booked',
            'imputed_times', 'visits_without_resource',
            'room_seconds', 'assumed_room_seconds', 'shift_seconds', 'assumed_shift_seconds', 'doctor_seconds',
            'sold_seconds', 'attended_seconds'
        ] %}
        {{ as_count(count) }} as {{ count }},
        {%- endfor %}
        {{ hours_of('room_seconds') }} as room_hours,
        {{ hours_of('shift_seconds') }} as shift_hours,
        {{ hours_of('doctor_seconds') }} as doctor_hours,
        -- Differences of the hours shown, so that the parts sum to the whole in every digit.
        cast({{ hours_of('doctor_seconds') }} - {{ hours_of('shift_seconds') }} as decimal(18, 6)) as overtime_hours,
        {{ hours_of('sold_seconds') }} as sold_hours,
        cast({{ hours_of('room_seconds') }} - {{ hours_of('doctor_seconds') }} as decimal(18, 6)) as unstaffed_hours,
        cast({{ hours_of('doctor_seconds') }} - {{ hours_of('sold_seconds') }} as decimal(18, 6)) as unsold_hours,
        {{ minutes_of('attended_seconds') }} as attended_minutes,
        {{ exact_quotient('doctor_seconds', 'room_seconds') }} as doctor_fill_rate,
        {{ exact_quotient('sold_seconds', 'doctor_seconds') }} as patient_fill_rate,
        {{ exact_quotient('sold_seconds', 'room_seconds') }} as capacity_utilisation,
        {{ exact_quotient('slots_booked', 'slots_offered') }} as slot_fill_rate,
        {{ exact_quotient('slots_sold * 3600', 'sold_seconds') }} as slots_per_hour,
        {{ as_amount('revenue_amount') }} as revenue_amount,
        {{ as_amount('slotted_revenue_amount') }} as slotted_revenue_amount,
        {{ as_amount('unslotted_revenue_amount') }} as unslotted_revenue_amount,
        {{ money_quotient('slotted_revenue_amount', 'slots_sold') }} as slot_value,
        {{ money_quotient('slotted_revenue_amount * 3600', 'sold_seconds') }} as hour_value,
        {{ money_quotient('revenue_amount * 3600', 'room_seconds') }} as revenue_per_available_hour,
        cast(local_date as date) as local_date
    from measured
)

select * from final
