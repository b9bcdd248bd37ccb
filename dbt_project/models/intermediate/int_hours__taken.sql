{#
  What takes the hours of capacity resources. Where a visit takes a room and a device, var('scarce_resource') says whose hours it takes:
  with `device`, those of a capacity resource that its lines name (the first by id, should there be several), if there is one.
#}
{%- set by_device = var('scarce_resource') == 'device' -%}
{%- set booked = 'appointments.resource_id' -%}
{%- set resource = 'coalesce(devices.resource_id, ' ~ booked ~ ')' if by_device else booked -%}
-- A value of the parameter adds this input: dbt is to know it whatever the value is.
-- depends_on: {{ ref('fct_service_lines') }}
with

appointments as (
    select * from {{ ref('fct_appointments') }}
    where is_attended
),

shifts as (
    select * from {{ ref('fct_shifts') }}
    where is_counted
),

resources as (
    select * from {{ ref('dim_resource_history') }}
    where is_capacity
),
{%- if by_device %}

devices as (
    select
        service_lines.appointment_id,
        service_lines.clinic_id,
        service_lines.local_date,
        min(service_lines.resource_id) as resource_id
    from {{ ref('fct_service_lines') }} as service_lines
    inner join resources
        on
            service_lines.resource_id = resources.resource_id
            and {{ is_version_of('resources', 'service_lines.local_date') }}
    where service_lines.is_performed
    group by service_lines.appointment_id, service_lines.clinic_id, service_lines.local_date
),
{%- endif %}

taken as (
    select
        'visit' as taken_by,
        appointments.appointment_id as taken_by_id,
        appointments.source_id,
        appointments.clinic_id,
        appointments.employee_id,
        {{ resource }} as resource_id,
        appointments.currency,
        appointments.time_zone,
        appointments.visit_kind,
        false as is_assumed,
        appointments.local_date,
        appointments.starts_at,
        appointments.ends_at
    from appointments
    {%- if by_device %}
    left join devices
        on
            appointments.appointment_id = devices.appointment_id
            and appointments.clinic_id = devices.clinic_id
            and appointments.local_date = devices.local_date
    {%- endif %}
    union all
    select
        'shift' as taken_by,
        shift_id as taken_by_id,
        source_id,
        clinic_id,
        employee_id,
        resource_id,
        currency,
        time_zone,
        cast(null as string) as visit_kind,
        is_assumed,
        local_date,
        starts_at,
        ends_at
    from shifts
),

final as (
    select
        cast(taken.taken_by as string) as taken_by,
        cast(taken.taken_by_id as string) as taken_by_id,
        cast(taken.source_id as string) as source_id,
        cast(taken.clinic_id as string) as clinic_id,
        cast(resources.specialty as string) as specialty,
        cast(taken.employee_id as string) as employee_id,
        cast(taken.resource_id as string) as resource_id,
        cast(taken.currency as string) as currency,
        cast(taken.time_zone as string) as time_zone,
        cast(taken.visit_kind as string) as visit_kind,
        cast(taken.is_assumed as boolean) as is_assumed,
        cast(taken.local_date as date) as local_date,
        cast(taken.starts_at as timestamp) as starts_at,
        cast(taken.ends_at as timestamp) as ends_at
    from taken
    inner join resources
        on taken.resource_id = resources.resource_id and {{ is_version_of('resources', 'taken.local_date') }}
)

select * from final
