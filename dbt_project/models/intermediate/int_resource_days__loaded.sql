with

appointments as (
    select * from {{ ref('fct_appointments') }}
    where is_attended
),

shifts as (
    select * from {{ ref('fct_shifts') }}
    where is_counted
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
    where is_slotted
),

resources as (
    select * from {{ ref('dim_resource') }}
    where is_capacity
),

room_hours as (
    select * from {{ ref('fct_room_hours') }}
    where is_capacity
),

sold as (
    select
        appointments.clinic_id,
        appointments.resource_id,
        appointments.local_date,
        appointments.starts_at,
        appointments.ends_at
    from appointments
    inner join resources on appointments.resource_id = resources.resource_id
),

staffed as (
    select
        shifts.clinic_id,
        shifts.resource_id,
        shifts.local_date,
        shifts.starts_at,
        shifts.ends_at
    from shifts
    inner join resources on shifts.resource_id = resources.resource_id
),

-- Hours sold outside a shift are overtime of a doctor: they are doctor time too.
manned as (
    select * from staffed
    union all
    select * from sold
),

sold_seconds as (
    {{ union_seconds('sold', ['clinic_id', 'resource_id', 'local_date']) }}
),

shift_seconds as (
    {{ union_seconds('staffed', ['clinic_id', 'resource_id', 'local_date']) }}
),

doctor_seconds as (
    {{ union_seconds('manned', ['clinic_id', 'resource_id', 'local_date']) }}
),

measures as (
    select clinic_id, resource_id, local_date, open_seconds as room_seconds, 0 as shift_seconds, 0 as doctor_seconds,
        0 as sold_seconds, 0 as slots_sold, 0 as slotted_revenue_amount
    from room_hours
    union all
    select clinic_id, resource_id, local_date, 0, union_seconds, 0, 0, 0, 0
    from shift_seconds
    union all
    select clinic_id, resource_id, local_date, 0, 0, union_seconds, 0, 0, 0
    from doctor_seconds
    union all
    select clinic_id, resource_id, local_date, 0, 0, 0, union_seconds, 0, 0
    from sold_seconds
    union all
    select clinic_id, resource_id, local_date, 0, 0, 0, 0, 1, 0
    from sold
    union all
    select clinic_id, appointment_resource_id, local_date, 0, 0, 0, 0, 0, net_amount
    from service_lines
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(resource_id as string) as resource_id,
        cast(sum(room_seconds) as bigint) as room_seconds,
        cast(sum(shift_seconds) as bigint) as shift_seconds,
        cast(sum(doctor_seconds) as bigint) as doctor_seconds,
        cast(sum(sold_seconds) as bigint) as sold_seconds,
        cast(sum(slots_sold) as bigint) as slots_sold,
        cast(sum(slotted_revenue_amount) as decimal(18, 2)) as slotted_revenue_amount,
        cast(local_date as date) as local_date
    from measures
    group by clinic_id, resource_id, local_date
)

select * from final
