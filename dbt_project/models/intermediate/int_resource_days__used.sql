{%- set measures = [
    'services', 'days_in_service', 'open_seconds', 'sold_seconds', 'revenue_amount', 'direct_cost_amount'
] -%}
{%- set uses = {
    'earned': {'services': '1', 'revenue_amount': 'net_amount', 'direct_cost_amount': 'direct_cost_amount'},
    'sold': {'sold_seconds': 'union_seconds'},
    'opened': {'days_in_service': 'days_in_service', 'open_seconds': 'open_seconds'}
} -%}
{#
  Resources as technological units, whether their hours are capacity or not: a portable device earns too. A line counts for the device that it
  names and for the resource whose sold hour earned it; once, if they are one.
#}
with

service_lines as (
    select * from {{ ref('int_lines__performed') }}
),

appointments as (
    select * from {{ ref('int_appointments__placed') }}
    where is_attended
),

taken as (
    select * from {{ ref('int_hours__taken') }}
    where taken_by = 'visit'
),

room_hours as (
    select * from {{ ref('fct_room_hours') }}
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

earned as (
    select
        *,
        resource_id as unit_id
    from service_lines
    where resource_id is not null
    union all
    select
        *,
        device_id as unit_id
    from service_lines
    where device_id is not null and device_id <> coalesce(resource_id, '')
),

visits as (
    select
        clinic_id,
        resource_id as unit_id,
        local_date,
        starts_at,
        ends_at
    from taken
    union
    select
        appointments.clinic_id,
        service_lines.device_id as unit_id,
        appointments.local_date,
        appointments.starts_at,
        appointments.ends_at
    from service_lines
    inner join appointments
        on
            service_lines.appointment_id = appointments.appointment_id
            and service_lines.clinic_id = appointments.clinic_id
            and service_lines.local_date = appointments.local_date
    where service_lines.device_id is not null
),

sold as (
    {{ union_seconds('visits', ['clinic_id', 'unit_id', 'local_date']) }}
),

opened as (
    select
        room_hours.clinic_id,
        room_hours.resource_id as unit_id,
        room_hours.local_date,
        room_hours.open_seconds,
        -- The calendar runs ahead to what is planned; a day that no export has reached is no day in service yet.
        case when room_hours.local_date <= export_days.last_date then 1 else 0 end as days_in_service
    from room_hours
    inner join export_days on room_hours.source_id = export_days.source_id
),

uses as (
    {%- for relation, measured in uses.items() %}
    {{ 'union all' if not loop.first }}
    select
        clinic_id,
        unit_id,
        {%- for measure in measures %}
        {{ measured.get(measure, '0') }} as {{ measure }},
        {%- endfor %}
        local_date
    from {{ relation }}
    {%- endfor %}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(unit_id as string) as resource_id,
        {%- for measure in ['services', 'days_in_service', 'open_seconds', 'sold_seconds'] %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {%- endfor %}
        cast(sum(revenue_amount) as decimal(18, 2)) as revenue_amount,
        cast(sum(direct_cost_amount) as decimal(38, 6)) as direct_cost_amount,
        cast(local_date as date) as local_date
    from uses
    group by clinic_id, unit_id, local_date
)

select * from final
