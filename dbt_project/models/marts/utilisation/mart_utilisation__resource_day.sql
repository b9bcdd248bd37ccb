with

resource_days as (
    select * from {{ ref('int_resource_days__loaded') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

available as (
    {{ available_metrics('mart_utilisation__resource_day') }}
),

measured as (
    select
        resource_days.clinic_id,
        resource_days.resource_id,
        clinics.source_id,
        clinics.currency,
        {%- for metric in [
            'slots_sold', 'room_seconds', 'assumed_room_seconds', 'shift_seconds', 'assumed_shift_seconds', 'doctor_seconds',
            'sold_seconds', 'slotted_revenue_amount'
        ] %}
        {{ where_available(metric, 'resource_days.' ~ metric) }} as {{ metric }},
        {%- endfor %}
        resource_days.local_date
    from resource_days
    inner join clinics on resource_days.clinic_id = clinics.clinic_id
    left join available on clinics.source_id = available.source_id
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(resource_id as string) as resource_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {{ as_count('slots_sold') }} as slots_sold,
        {{ as_count('room_seconds') }} as room_seconds,
        {{ as_count('assumed_room_seconds') }} as assumed_room_seconds,
        {{ as_count('shift_seconds') }} as shift_seconds,
        {{ as_count('assumed_shift_seconds') }} as assumed_shift_seconds,
        {{ as_count('doctor_seconds') }} as doctor_seconds,
        {{ as_count('sold_seconds') }} as sold_seconds,
        {{ hours_of('room_seconds') }} as room_hours,
        {{ hours_of('shift_seconds') }} as shift_hours,
        {{ hours_of('doctor_seconds') }} as doctor_hours,
        {{ hours_of('sold_seconds') }} as sold_hours,
        {{ exact_quotient('doctor_seconds', 'room_seconds') }} as doctor_fill_rate,
        {{ exact_quotient('sold_seconds', 'doctor_seconds') }} as patient_fill_rate,
        {{ exact_quotient('sold_seconds', 'room_seconds') }} as capacity_utilisation,
        {{ as_amount('slotted_revenue_amount') }} as slotted_revenue_amount,
        {{ money_quotient('slotted_revenue_amount * 3600', 'sold_seconds') }} as hour_value,
        cast(local_date as date) as local_date
    from measured
)

select * from final
