{#
  A table, not incremental: a plan is read from all its versions and items, and items carry no day of their own.
#}
with

versions as (
    select * from {{ ref('fct_plan_versions') }}
),

plan_items as (
    select * from {{ ref('fct_plan_items') }}
),

ordered as (
    select
        *,
        row_number() over (partition by plan_id order by plan_version) as version_order,
        row_number() over (partition by plan_id order by plan_version desc) as reverse_order,
        count(*) over (partition by plan_id) as versions
    from versions
),

latest as (
    select * from ordered
    where reverse_order = 1
),

presented as (
    select
        plan_id,
        count(*) as presented_items,
        sum(item_amount) as presented_amount,
        sum(coalesce(direct_cost_amount, 0)) as planned_cost_amount,
        sum(case when is_accepted then item_amount else 0 end) as accepted_amount,
        {{ count_if('is_accepted') }} as accepted_items
    from plan_items
    where is_in_presented_value
    group by plan_id
),

final as (
    select
        cast(ordered.plan_id as string) as plan_id,
        cast(ordered.source_id as string) as source_id,
        cast(ordered.clinic_id as string) as clinic_id,
        cast(ordered.patient_id as string) as patient_id,
        cast(ordered.employee_id as string) as employee_id,
        cast(ordered.appointment_id as string) as appointment_id,
        cast(ordered.programme as string) as programme,
        cast(latest.plan_status as string) as plan_status,
        cast(ordered.currency as string) as currency,
        cast(ordered.time_zone as string) as time_zone,
        cast(ordered.versions as bigint) as versions,
        cast(coalesce(presented.presented_items, 0) as bigint) as presented_items,
        cast(coalesce(presented.accepted_items, 0) as bigint) as accepted_items,
        cast(coalesce(presented.presented_amount, 0) as decimal(18, 2)) as presented_amount,
        cast(coalesce(presented.planned_cost_amount, 0) as decimal(18, 2)) as planned_cost_amount,
        cast(coalesce(presented.accepted_amount, 0) as decimal(18, 2)) as accepted_amount,
        cast(ordered.presented_on as date) as local_date,
        cast(ordered.presented_at as timestamp) as presented_at,
        cast(latest.signed_at as timestamp) as signed_at,
        cast(latest.closed_at as timestamp) as closed_at
    from ordered
    inner join latest on ordered.plan_id = latest.plan_id
    left join presented on ordered.plan_id = presented.plan_id
    where ordered.version_order = 1
)

select * from final
