{#
  A table, not incremental: opening rules hold for spans of days and carry no day of their own, and there are only resources × days rows.
  Times are wall-clock times of the clinic, so the hours are those on the door, also on a day when the clocks change.
#}
with

resource_hours as (
    select * from {{ ref('stg_resource_hours') }}
),

resources as (
    select * from {{ ref('dim_resource') }}
),

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

resource_days as (
    select
        resources.resource_id,
        resources.clinic_id,
        resources.source_id,
        resources.is_capacity,
        clinic_days.local_date
    from resources
    inner join clinic_days
        on
            resources.clinic_id = clinic_days.clinic_id
            and clinic_days.local_date >= coalesce(resources.valid_from, clinic_days.local_date)
            and clinic_days.local_date <= coalesce(resources.valid_to, clinic_days.local_date)
),

ruled as (
    select
        resource_days.resource_id,
        resource_days.local_date,
        resource_hours.rule_kind,
        resource_hours.on_date is not null as is_dated,
        {{ at_time('resource_days.local_date', 'resource_hours.opens_at') }} as starts_at,
        {{ at_time('resource_days.local_date', 'resource_hours.closes_at') }} as ends_at
    from resource_days
    inner join resource_hours
        on
            resource_days.resource_id = resource_hours.resource_id
            and (
                resource_days.local_date = resource_hours.on_date
                or (
                    resource_hours.on_date is null
                    and resource_hours.weekday = {{ iso_weekday('resource_days.local_date') }}
                    and resource_days.local_date >= coalesce(resource_hours.valid_from, resource_days.local_date)
                    and resource_days.local_date <= coalesce(resource_hours.valid_to, resource_days.local_date)
                )
            )
),

-- A dated open rule replaces the weekday's open rules. Out of service adds up.
marked as (
    select
        *,
        max(case when rule_kind = 'open' and is_dated then 1 else 0 end) over (partition by resource_id, local_date)
            as dated_openings
    from ruled
),

applied as (
    select * from marked
    where rule_kind = 'out_of_service' or is_dated or dated_openings = 0
),

closures as (
    select * from applied
    where rule_kind = 'out_of_service'
),

-- |open less out of service| = |open and out of service together| less |out of service|.
covered_seconds as (
    {{ union_seconds('applied', ['resource_id', 'local_date']) }}
),

closed_seconds as (
    {{ union_seconds('closures', ['resource_id', 'local_date']) }}
),

final as (
    select
        cast(resource_days.resource_id as string) as resource_id,
        cast(resource_days.clinic_id as string) as clinic_id,
        cast(resource_days.source_id as string) as source_id,
        cast(resource_days.is_capacity as boolean) as is_capacity,
        cast(coalesce(covered_seconds.union_seconds, 0) - coalesce(closed_seconds.union_seconds, 0) as bigint)
            as open_seconds,
        cast(resource_days.local_date as date) as local_date
    from resource_days
    left join covered_seconds
        on
            resource_days.resource_id = covered_seconds.resource_id
            and resource_days.local_date = covered_seconds.local_date
    left join closed_seconds
        on
            resource_days.resource_id = closed_seconds.resource_id
            and resource_days.local_date = closed_seconds.local_date
)

select * from final
