{# Times are wall-clock times of the clinic: the hours are those on the door, also on a day when the clocks change. #}
with

resource_days as (
    select * from {{ ref('int_resource_days__in_service') }}
),

openings as (
    select * from {{ ref('fct_openings') }}
),

closures as (
    select * from openings
    where rule_kind = 'out_of_service'
),

-- A resource that a calendar rule opens rests on it on every day, also on those on which it stays closed.
assumed as (
    select distinct resource_id from openings
    where is_assumed
),

-- |open less out of service| = |open and out of service together| less |out of service|.
covered_seconds as (
    {{ union_seconds('openings', ['resource_id', 'local_date']) }}
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
        cast(assumed.resource_id is not null as boolean) as is_assumed,
        cast(coalesce(covered_seconds.union_seconds, 0) - coalesce(closed_seconds.union_seconds, 0) as bigint)
            as open_seconds,
        cast(resource_days.local_date as date) as local_date
    from resource_days
    left join assumed on resource_days.resource_id = assumed.resource_id
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
