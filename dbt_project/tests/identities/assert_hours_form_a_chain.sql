{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_utilisation__clinic_day'}}}) }}
{# sold ≤ doctor, shift ≤ doctor, the parts of the room hours sum to them, and the resources sum to the clinic. #}

with

clinic_days as (
    select * from {{ ref('mart_utilisation__clinic_day') }}
),

resource_days as (
    select
        clinic_id,
        local_date,
        sum(room_seconds) as room_seconds,
        sum(shift_seconds) as shift_seconds,
        sum(doctor_seconds) as doctor_seconds,
        sum(sold_seconds) as sold_seconds,
        sum(slots_sold) as slots_sold,
        sum(slotted_revenue_amount) as slotted_revenue_amount
    from {{ ref('mart_utilisation__resource_day') }}
    group by clinic_id, local_date
)

select clinic_days.*
from clinic_days
left join resource_days
    on clinic_days.clinic_id = resource_days.clinic_id and clinic_days.local_date = resource_days.local_date
where
    clinic_days.sold_seconds > clinic_days.doctor_seconds
    or clinic_days.shift_seconds > clinic_days.doctor_seconds
    or clinic_days.doctor_seconds > clinic_days.shift_seconds + clinic_days.sold_seconds
    or clinic_days.sold_seconds > clinic_days.attended_seconds
    or clinic_days.room_hours <> clinic_days.unstaffed_hours + clinic_days.unsold_hours + clinic_days.sold_hours
    {%- for measure in ['room_seconds', 'shift_seconds', 'doctor_seconds', 'sold_seconds', 'slots_sold', 'slotted_revenue_amount'] %}
    or coalesce(clinic_days.{{ measure }}, 0) <> coalesce(resource_days.{{ measure }}, 0)
    {%- endfor %}
