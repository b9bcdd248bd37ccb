{#
  A table, not incremental: opening rules hold for spans of days and carry no day of their own, and there are only resources × days rows.
#}
with

resource_hours as (
    select * from {{ ref('stg_resource_hours__history') }}
),

resource_days as (
    select * from {{ ref('int_resource_days__in_service') }}
),

calendar_rules as (
    select
        *,
        {{ qualified_id('clinic_id') }} as qualified_clinic_id
    from {{ source('ops', 'calendar_rules') }}
    where entity = 'resource_hours'
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

exported as (
    select
        resource_days.resource_id,
        resource_days.source_id,
        resource_days.local_date,
        rules.rule_kind,
        rules.opens_at,
        rules.closes_at,
        rules.on_date is not null as is_dated,
        false as is_assumed
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

-- The profile's rules stand in for resources of which no export has ever said when they open.
assumed as (
    select
        resource_days.resource_id,
        resource_days.source_id,
        resource_days.local_date,
        'open' as rule_kind,
        calendar_rules.opens_at,
        calendar_rules.closes_at,
        false as is_dated,
        true as is_assumed
    from resource_days
    inner join calendar_rules
        on
            resource_days.source_id = calendar_rules._source
            and calendar_rules.weekday = {{ iso_weekday('resource_days.local_date') }}
            and resource_days.local_date >= calendar_rules.valid_from
            and resource_days.local_date <= calendar_rules.valid_to
            and resource_days.resource_kind = coalesce(calendar_rules.resource_kind, resource_days.resource_kind)
            and resource_days.clinic_id = coalesce(calendar_rules.qualified_clinic_id, resource_days.clinic_id)
    where not exists (
        select 1 from resource_hours
        where resource_hours.resource_id = resource_days.resource_id and resource_hours.rule_kind = 'open'
    )
),

said as (
    select * from exported
    union all
    select * from assumed
),

-- A dated open rule replaces the weekday's open rules. Out of service adds up.
marked as (
    select
        *,
        max(case when rule_kind = 'open' and is_dated then 1 else 0 end) over (partition by resource_id, local_date)
            as dated_openings
    from said
),

final as (
    select
        cast(resource_id as string) as resource_id,
        cast(source_id as string) as source_id,
        cast(rule_kind as string) as rule_kind,
        cast(is_assumed as boolean) as is_assumed,
        cast(local_date as date) as local_date,
        cast({{ at_time('local_date', 'opens_at') }} as timestamp) as starts_at,
        cast({{ at_time('local_date', 'closes_at') }} as timestamp) as ends_at
    from marked
    where rule_kind = 'out_of_service' or is_dated or dated_openings = 0
)

select * from final
