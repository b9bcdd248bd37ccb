{#
  A table, not incremental: a withdrawal is a change between exports and has no day of its own in either.
#}
{%- set is_withdrawn = "appointment_status in ('cancelled', 'rescheduled')" -%}
with

statuses as (
    select * from {{ ref('stg_appointments__history') }}
),

-- What was never exported as standing was withdrawn nobody knows when.
stood as (
    select
        appointment_id,
        max(version_from) as stood_from
    from statuses
    where not ({{ is_withdrawn }})
    group by appointment_id
),

final as (
    select
        cast(statuses.appointment_id as string) as appointment_id,
        cast(min(statuses.source_id) as string) as source_id,
        cast(min(statuses.version_from) as date) as known_on
    from statuses
    inner join stood on statuses.appointment_id = stood.appointment_id and statuses.version_from > stood.stood_from
    group by statuses.appointment_id
)

select * from final
