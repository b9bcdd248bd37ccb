{#
  A table, not incremental: opening rules hold for spans of days and carry no day of their own, and there are only resources × days rows.
  Times are wall-clock times of the clinic, so the hours are those on the door, also on a day when the clocks change.
#}
with

resource_hours as (
    select * from {{ ref('stg_resource_hours__history') }}
),

resources as (
    select * from {{ ref('dim_resource_history') }}
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
            and {{ is_version_of('resources', 'clinic_days.local_date') }}
            and clinic_days.local_date < coalesce(resources.removed_on, {{ add_days('clinic_days.local_date', 1) }})
            and clinic_days.local_date >= coalesce(resources.valid_from, clinic_days.local_date)
            and clinic_days.local_date <= coalesce(resources.valid_to, clinic_days.local_date)
),

-- What is said of one date holds as it was said last, unless it was taken back by that date.
-- A weekday's rule holds on the days on which it was exported so.
rules as (
    select
        *,
        coalesce(on_date, version_from) as holds_from,
        coalesce(on_date, version_to) as holds_to
    from resource_hours
    where on_date is null or version_to is null
),

ruled as (
    select
        resource_days.resource_id,
        resource_days.local_date,
        rules.rule_kind,
        rules.on_date is not null as is_dated,
        {{ at_time('resource_days.local_date', 'rules.opens_at') }} as starts_at,
        {{ at_time('resource_days.local_date', 'rules.closes_at') }} as ends_at
    from resource_days
    inner join rules
        on
            resource_days.resource_id = rules.resource_id
            and resource_days.local_date >= rules.holds_from
            and resource_days.local_date <= coalesce(rules.holds_to, resource_days.local_date)
            and resource_days.local_date < coalesce(rules.removed_on, {{ add_days('resource_days.local_date', 1) }})
            and (
                rules.on_date is not null
                or (
                    rules.weekday = {{ iso_weekday('resource_days.local_date') }}
                    and resource_days.local_date >= coalesce(rules.valid_from, resource_days.local_date)
                    and resource_days.local_date <= coalesce(rules.valid_to, resource_days.local_date)
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
