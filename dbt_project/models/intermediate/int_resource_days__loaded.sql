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
    select * from {{ ref('dim_resource_history') }}
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
    inner join resources
        on
            appointments.resource_id = resources.resource_id
            and {{ is_version_of('resources', 'appointments.local_date') }}
),

staffed as (
    select
        shifts.clinic_id,
        shifts.resource_id,
        shifts.local_date,
        shifts.starts_at,
        shifts.ends_at,
        shifts.is_assumed
    from shifts
    inner join resources
        on
            shifts.resource_id = resources.resource_id
            and {{ is_version_of('resources', 'shifts.local_date') }}
),

-- Hours sold outside a shift are overtime of a doctor: they are doctor time too.
manned as (
    select
        clinic_id,
        resource_id,
        local_date,
        starts_at,
        ends_at
    from staffed
    union all
    select * from sold
),

assumed as (
    select * from staffed
    where is_assumed
),

sold_seconds as (
    {{ union_seconds('sold', ['clinic_id', 'resource_id', 'local_date']) }}
),

shift_seconds as (
    {{ union_seconds('staffed', ['clinic_id', 'resource_id', 'local_date']) }}
),

assumed_shift_seconds as (
    {{ union_seconds('assumed', ['clinic_id', 'resource_id', 'local_date']) }}
),

doctor_seconds as (
    {{ union_seconds('manned', ['clinic_id', 'resource_id', 'local_date']) }}
),

visits as (
    select
        clinic_id,
        resource_id,
        local_date,
        count(*) as slots_sold
    from sold
    group by clinic_id, resource_id, local_date
),

revenues as (
    select
        clinic_id,
        appointment_resource_id as resource_id,
        local_date,
        sum(net_amount) as slotted_revenue_amount
    from service_lines
    group by clinic_id, appointment_resource_id, local_date
),

-- Doctor time holds shift and sold time; a visit may have no length at all.
resource_days as (
    {%- for part in ['room_hours', 'doctor_seconds', 'visits', 'revenues'] %}
    {{ 'union' if not loop.first }}
    select
        clinic_id,
        resource_id,
        local_date
    from {{ part }}
    {%- endfor %}
),

final as (
    select
        cast(resource_days.clinic_id as string) as clinic_id,
        cast(resource_days.resource_id as string) as resource_id,
        cast(coalesce(room_hours.open_seconds, 0) as bigint) as room_seconds,
        cast(case when room_hours.is_assumed then room_hours.open_seconds else 0 end as bigint) as assumed_room_seconds,
        cast(coalesce(shift_seconds.union_seconds, 0) as bigint) as shift_seconds,
        cast(coalesce(assumed_shift_seconds.union_seconds, 0) as bigint) as assumed_shift_seconds,
        cast(coalesce(doctor_seconds.union_seconds, 0) as bigint) as doctor_seconds,
        cast(coalesce(sold_seconds.union_seconds, 0) as bigint) as sold_seconds,
        cast(coalesce(visits.slots_sold, 0) as bigint) as slots_sold,
        cast(coalesce(revenues.slotted_revenue_amount, 0) as decimal(18, 2)) as slotted_revenue_amount,
        cast(resource_days.local_date as date) as local_date
    from resource_days
    left join room_hours using (clinic_id, resource_id, local_date)
    {%- for part in [
        'shift_seconds', 'assumed_shift_seconds', 'doctor_seconds', 'sold_seconds', 'visits', 'revenues'
    ] %}
    left join {{ part }} using (clinic_id, resource_id, local_date)
    {%- endfor %}
)

select * from final
