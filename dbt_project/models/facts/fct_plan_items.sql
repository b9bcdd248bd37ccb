{#
  A table, not incremental: items carry no day of their own, and the origin of an item depends on the whole history of its plan.
#}
with

plan_items as (
    select * from {{ ref('stg_plan_items') }}
),

plan_versions as (
    select * from {{ ref('fct_plan_versions') }}
),

-- The value at first presentation is frozen: later versions neither change it nor move its day.
first_versions as (
    select
        plan_id,
        clinic_id,
        time_zone,
        plan_version as first_version,
        presented_on as plan_presented_on,
        row_number() over (partition by plan_id order by plan_version) as version_order
    from plan_versions
),

-- A version is in force from its presentation until that of a later one.
versions as (
    select
        plan_id,
        plan_version,
        presented_on as version_presented_on,
        lead(presented_on) over (partition by plan_id order by plan_version) as version_replaced_on
    from plan_versions
    where presented_on is not null
),

joined as (
    select
        plan_items.*,
        first_versions.clinic_id,
        first_versions.plan_presented_on,
        versions.version_presented_on,
        versions.version_replaced_on,
        {{ local_date('plan_items.declined_at', 'first_versions.time_zone') }} as declined_on,
        coalesce(plan_items.plan_version = first_versions.first_version, false) as is_first_version,
        -- Alternatives exclude one another: the first of a group is the one presented as the choice.
        row_number() over (
            partition by
                plan_items.plan_id,
                plan_items.plan_version,
                plan_items.alternative_group,
                case when plan_items.alternative_group is null then plan_items.plan_item_id end
            order by plan_items.item_position nulls last, plan_items.plan_item_id
        ) = 1 as is_choice,
        -- Once some of them are declined, the first of the others.
        row_number() over (
            partition by
                plan_items.plan_id,
                plan_items.plan_version,
                plan_items.alternative_group,
                case when plan_items.alternative_group is null then plan_items.plan_item_id end
            order by
                case when plan_items.declined_at is null then 0 else 1 end,
                plan_items.item_position nulls last,
                plan_items.plan_item_id
        ) = 1 as is_open_choice
    from plan_items
    left join first_versions
        on plan_items.plan_id = first_versions.plan_id and first_versions.version_order = 1
    left join versions
        on plan_items.plan_id = versions.plan_id and plan_items.plan_version = versions.plan_version
),

final as (
    select
        cast(plan_item_id as string) as plan_item_id,
        cast(source_id as string) as source_id,
        cast(plan_id as string) as plan_id,
        cast(clinic_id as string) as clinic_id,
        cast(service_id as string) as service_id,
        cast(alternative_group as string) as alternative_group,
        cast(coalesce(is_required, true) as boolean) as is_required,
        cast(is_first_version as boolean) as is_first_version,
        cast(is_first_version and is_choice as boolean) as is_in_presented_value,
        cast(is_open_choice as boolean) as is_open_choice,
        cast(accepted_at is not null as boolean) as is_accepted,
        cast(plan_version as bigint) as plan_version,
        cast(item_position as bigint) as item_position,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(price_amount as decimal(18, 2)) as price_amount,
        cast(item_amount as decimal(18, 2)) as item_amount,
        cast(direct_cost_amount as decimal(18, 2)) as direct_cost_amount,
        cast(plan_presented_on as date) as plan_presented_on,
        cast(version_presented_on as date) as version_presented_on,
        cast(version_replaced_on as date) as version_replaced_on,
        cast(declined_on as date) as declined_on,
        cast(accepted_at as timestamp) as accepted_at,
        cast(declined_at as timestamp) as declined_at
    from joined
)

select * from final
