{%- set fill_percent, price_percent = var('regime_fill_percent'), var('regime_price_percent') -%}
with

hour_blocks as (
    select * from {{ ref('int_hour_blocks__filled') }}
),

resource_days as (
    select * from {{ ref('int_resource_days__loaded') }}
),

resources as (
    select * from {{ ref('dim_resource') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

available as (
    {{ available_metrics('mart_utilisation__regimes') }}
),

blocks as (
    select
        hour_blocks.*,
        clinics.source_id,
        clinics.currency,
        resources.specialty,
        case
            when hour_blocks.open_seconds = 0 then null
            when hour_blocks.sold_seconds * 100 <= hour_blocks.open_seconds * {{ fill_percent }} then 'fill'
            when hour_blocks.sold_seconds * 100 >= hour_blocks.open_seconds * {{ price_percent }} then 'price'
            else 'balance'
        end as regime
    from hour_blocks
    inner join clinics on hour_blocks.clinic_id = clinics.clinic_id
    left join resources on hour_blocks.resource_id = resources.resource_id
),

windows as (
    select distinct
        clinic_id,
        first_date,
        last_date
    from hour_blocks
),

-- What an hour of each resource brought in the window, and one of its clinic and specialty.
earned as (
    select
        resource_days.clinic_id,
        resource_days.resource_id,
        resources.specialty,
        sum(resource_days.slotted_revenue_amount) as earned_amount,
        sum(resource_days.sold_seconds) as sold_seconds
    from resource_days
    inner join windows
        on
            resource_days.clinic_id = windows.clinic_id
            and resource_days.local_date >= windows.first_date
            and resource_days.local_date <= windows.last_date
    left join resources on resource_days.resource_id = resources.resource_id
    group by resource_days.clinic_id, resource_days.resource_id, resources.specialty
),

hour_values as (
    select
        clinic_id,
        resource_id,
        {{ money_quotient('earned_amount * 3600', 'sold_seconds') }} as hour_value,
        coalesce(
            {{ money_quotient(
                'sum(earned_amount) over (partition by clinic_id, specialty) * 3600',
                'sum(sold_seconds) over (partition by clinic_id, specialty)'
            ) }},
            {{ money_quotient(
                'sum(earned_amount) over (partition by clinic_id) * 3600', 'sum(sold_seconds) over (partition by clinic_id)'
            ) }}
        ) as usual_hour_value
    from earned
),

targets as (
    select
        blocks.*,
        hour_values.hour_value,
        case blocks.regime
            when 'fill' then hour_values.usual_hour_value
            when 'price'
                then greatest(
                    hour_values.usual_hour_value,
                    {{ money_quotient('hour_values.hour_value * ' ~ (100 + var('regime_raise_percent')), 100) }}
                )
        end as target_hour_value
    from blocks
    left join hour_values
        on blocks.clinic_id = hour_values.clinic_id and blocks.resource_id = hour_values.resource_id
),

at_stake as (
    select
        *,
        case regime
            when 'fill' then {{ money_quotient('(open_seconds - sold_seconds) * target_hour_value', 3600) }}
            when 'price' then {{ money_quotient('sold_seconds * (target_hour_value - hour_value)', 3600) }}
            when 'balance' then 0
        end as money_at_stake_amount,
        case
            when regime = 'fill' and (open_seconds - doctor_seconds) * 2 >= open_seconds - sold_seconds then 'sublet'
            when regime = 'fill' then 'attract'
            when regime = 'price' then 'raise_value'
            when regime = 'balance' then 'keep'
        end as lever
    from targets
),

measured as (
    select
        at_stake.clinic_id,
        at_stake.resource_id,
        at_stake.source_id,
        at_stake.currency,
        at_stake.specialty,
        at_stake.weekday,
        at_stake.hour_of_day,
        case when available.has_capacity_utilisation then at_stake.regime end as regime,
        case when available.has_capacity_utilisation and available.has_doctor_seconds then at_stake.lever end as lever,
        {{ available_measures('mart_utilisation__regimes') }},
        at_stake.first_date,
        at_stake.last_date
    from at_stake
    left join available on at_stake.source_id = available.source_id
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(specialty as string) as specialty,
        cast(resource_id as string) as resource_id,
        cast(weekday as integer) as weekday,
        cast(hour_of_day as integer) as hour_of_day,
        cast(regime as string) as regime,
        cast(lever as string) as lever,
        {{ metric_columns('mart_utilisation__regimes') }},
        cast(first_date as date) as period_start,
        cast(last_date as date) as period_end
    from measured
)

select * from final
