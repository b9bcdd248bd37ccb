{#
  By the clock on the wall, like opening hours: an interval runs from what the clock shows at its start to what it shows at its end, and what
  runs past midnight is in the next day's hours. Up to the last export, for nothing is sold yet of what is ahead.
#}
with

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

visits as (
    select
        *,
        {{ to_local('starts_at', 'time_zone') }} as local_start_at,
        {{ to_local('ends_at', 'time_zone') }} as local_end_at
    from {{ ref('int_hours__taken') }}
    where taken_by = 'visit'
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
        'visit' as interval_kind,
        local_start_at as starts_at,
        local_end_at as ends_at
    from visits
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
        *,
        {{ each_hour('starts_at', 'ends_at') }} as hour_start
    from intervals
    where ends_at > starts_at
),

pieces as (
    select
        hours.clinic_id,
        hours.resource_id,
        hours.interval_kind,
        hours.hour_start,
        cast(hours.hour_start as date) as local_date,
        cast(extract(hour from hours.hour_start) as integer) as hour_of_day,
        greatest(hours.starts_at, hours.hour_start) as starts_at,
        least(hours.ends_at, {{ dbt.dateadd('hour', 1, 'hours.hour_start') }}) as ends_at
    from hours
    inner join export_days on hours.source_id = export_days.source_id
    where cast(hours.hour_start as date) <= export_days.last_export_date
),

-- |open less out of service| = |open and out of service together| less |out of service|.
unions as (
    {{ unions_of_seconds('pieces', ['clinic_id', 'resource_id', 'local_date', 'hour_of_day'], {
        'covered_seconds': "interval_kind in ('open', 'out_of_service')",
        'closed_seconds': "interval_kind = 'out_of_service'",
        'sold_seconds': "interval_kind = 'visit'"
    }) }}
),

summed as (
    select
        clinic_id,
        {{ iso_weekday('local_date') }} as weekday,
        hour_of_day,
        {{ period_start_of('month', 'local_date') }} as period_start,
        sum(covered_seconds - closed_seconds) as open_seconds,
        sum(sold_seconds) as sold_seconds
    from unions
    group by clinic_id, {{ iso_weekday('local_date') }}, hour_of_day, {{ period_start_of('month', 'local_date') }}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(weekday as integer) as weekday,
        cast(hour_of_day as integer) as hour_of_day,
        cast(open_seconds as bigint) as open_seconds,
        cast(sold_seconds as bigint) as sold_seconds,
        cast(period_start as date) as period_start
    from summed
    where open_seconds > 0 or sold_seconds > 0
)

select * from final
