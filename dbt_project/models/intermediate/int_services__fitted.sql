{# Where a service is usually done in a clinic, and how much of the shifts ahead is not booked there yet. #}
{%- set weeks = var('opportunity_weeks_ahead') -%}
with

service_lines as (
    select * from {{ ref('int_lines__performed') }}
    where resource_id is not null and not is_refund
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

counted as (
    select
        source_id,
        clinic_id,
        service_id,
        resource_id,
        count(*) as service_lines
    from service_lines
    group by source_id, clinic_id, service_id, resource_id
),

ordered as (
    select
        *,
        row_number() over (
            partition by clinic_id, service_id
            order by service_lines desc, resource_id asc
        ) as resource_order
    from counted
),

{%- for relation, name, condition in [
    ('fct_shifts', 'shifts', 'is_counted'), ('fct_appointments', 'bookings', "appointment_status = 'scheduled'")
] %}

{{ name }} as (
    select
        ahead.resource_id,
        ahead.starts_at,
        ahead.ends_at
    from {{ ref(relation) }} as ahead
    inner join export_days on ahead.source_id = export_days.source_id
    where
        ahead.{{ condition }}
        and ahead.resource_id is not null
        and ahead.local_date > export_days.last_export_date
        and ahead.local_date <= {{ add_days('export_days.last_export_date', 7 * weeks) }}
),
{%- endfor %}

taken as (
    select * from shifts
    union all
    select * from bookings
),

taken_seconds as (
    {{ union_seconds('taken', ['resource_id']) }}
),

booked_seconds as (
    {{ union_seconds('bookings', ['resource_id']) }}
),

final as (
    select
        cast(ordered.clinic_id as string) as clinic_id,
        cast(ordered.service_id as string) as service_id,
        cast(ordered.resource_id as string) as resource_id,
        cast(ordered.service_lines as bigint) as service_lines,
        -- A booking outside the shifts takes none of their time.
        cast(coalesce(taken_seconds.union_seconds, 0) - coalesce(booked_seconds.union_seconds, 0) as bigint)
            as free_seconds
    from ordered
    left join taken_seconds on ordered.resource_id = taken_seconds.resource_id
    left join booked_seconds on ordered.resource_id = booked_seconds.resource_id
    where ordered.resource_order = 1
)

select * from final
