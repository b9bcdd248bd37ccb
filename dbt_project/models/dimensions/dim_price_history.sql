{#
  The list price of each day. A price row says from when it holds, and exports say when it was on the list: of the rows on the list that
  have begun, the one that began last counts.
#}
with

prices as (
    select
        *,
        greatest(version_from, valid_from) as listed_from,
        -- The first day on which it is another price or none; least() passes over what is NULL.
        least({{ add_days('version_to', 1) }}, removed_on) as listed_until
    from {{ ref('stg_prices__history') }}
),

steps as (
    select
        source_id,
        service_id,
        clinic_id,
        fee_level,
        listed_from as step_on
    from prices
    where listed_from < listed_until or listed_until is null
    union
    select
        source_id,
        service_id,
        clinic_id,
        fee_level,
        listed_until as step_on
    from prices
    where listed_from < listed_until
),

candidates as (
    select
        steps.*,
        prices.price_amount,
        row_number() over (
            partition by steps.service_id, steps.clinic_id, steps.fee_level, steps.step_on
            order by prices.valid_from desc
        ) as candidate
    from steps
    left join prices
        on
            steps.service_id = prices.service_id
            and steps.clinic_id = prices.clinic_id
            and steps.fee_level = prices.fee_level
            and steps.step_on >= prices.listed_from
            and steps.step_on < coalesce(prices.listed_until, {{ end_of_time() }})
),

compared as (
    select
        *,
        lag(price_amount) over (partition by service_id, clinic_id, fee_level order by step_on) as price_before
    from candidates
    where candidate = 1
),

versions as (
    select
        *,
        lead(step_on) over (partition by service_id, clinic_id, fee_level order by step_on) as next_step_on
    from compared
    where price_amount is distinct from price_before
),

final as (
    select
        cast(service_id as string) as service_id,
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(fee_level as string) as fee_level,
        cast(price_amount as decimal(18, 2)) as price_amount,
        cast(step_on as date) as version_from,
        cast({{ add_days('next_step_on', -1) }} as date) as version_to
    from versions
    where price_amount is not null
)

select * from final
