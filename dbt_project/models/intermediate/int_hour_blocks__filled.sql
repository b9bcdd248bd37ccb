{#
  By the clock on the wall, like opening hours: an interval runs from what the clock shows at its start to what it shows at its end, and what
  runs past midnight is in the next day's hours.
#}
with

windows as (
    select
        cast(_source as string) as source_id,
        {{ add_days('max(export_date)', 1 - var('regime_window_days')) }} as first_date,
        max(export_date) as last_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

taken as (
    select
        *,
        {{ to_local('starts_at', 'time_zone') }} as local_start_at,
        {{ to_local('ends_at', 'time_zone') }} as local_end_at
    from {{ ref('int_hours__taken') }}
),

openings as (
    select * from {{ ref('fct_openings') }}
),

resource_days as (
    select * from {{ ref('fct_room_hours') }}
    where is_capacity
),

intervals as (
    select
        source_id,
        clinic_id,
        resource_id,
        taken_by as interval_kind,
        local_start_at as starts_at,
        local_end_at as ends_at
    from taken
    union all
    select
        resource_days.source_id,
        resource_days.clinic_id,
        resource_days.resource_id,
        openings.rule_kind as interval_kind,
        openings.starts_at,
        openings.ends_at
    from openings
    inner join resource_days
        on openings.resource_id = resource_days.resource_id and openings.local_date = resource_days.local_date
),

hours as (
    select
        intervals.*,
        windows.first_date,
        windows.last_date,
        {{ each_hour('intervals.starts_at', 'intervals.ends_at') }} as hour_start
    from intervals
    inner join windows on intervals.source_id = windows.source_id
    where
        intervals.ends_at > intervals.starts_at
        and cast(intervals.ends_at as date) >= windows.first_date
        and cast(intervals.starts_at as date) <= windows.last_date
),

pieces as (
    select
        clinic_id,
        resource_id,
        interval_kind,
        first_date,
        last_date,
        hour_start,
        greatest(starts_at, hour_start) as starts_at,
        least(ends_at, {{ dbt.dateadd('hour', 1, 'hour_start') }}) as ends_at
    from hours
    where cast(hour_start as date) >= first_date and cast(hour_start as date) <= last_date
),

-- |open less out of service| = |open and out of service together| less |out of service|.
measured as (
    {{ unions_of_seconds('pieces', ['clinic_id', 'resource_id', 'first_date', 'last_date', 'hour_start'], {
        'covered_seconds': "interval_kind in ('open', 'out_of_service')",
        'closed_seconds': "interval_kind = 'out_of_service'",
        'doctor_seconds': "interval_kind in ('shift', 'visit')",
        'sold_seconds': "interval_kind = 'visit'"
    }) }}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(resource_id as string) as resource_id,
        cast({{ iso_weekday('hour_start') }} as integer) as weekday,
        cast(extract(hour from hour_start) as integer) as hour_of_day,
        cast(sum(covered_seconds - closed_seconds) as bigint) as open_seconds,
        cast(sum(doctor_seconds) as bigint) as doctor_seconds,
        cast(sum(sold_seconds) as bigint) as sold_seconds,
        cast(first_date as date) as first_date,
        cast(last_date as date) as last_date
    from measured
    group by
        clinic_id, resource_id, first_date, last_date, {{ iso_weekday('hour_start') }}, extract(hour from hour_start)
    having sum(covered_seconds - closed_seconds) > 0 or sum(doctor_seconds) > 0
)

select * from final
