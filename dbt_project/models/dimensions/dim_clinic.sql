{# What is known of each clinic last; one that is closed and gone keeps its time zone and its currency. #}
with

clinics as (
    select * from {{ ref('stg_clinics__history') }}
    where version_to is null
),

mentioned as (
    select * from {{ ref('stg_clinics__mentioned') }}
),

-- An event of a clinic that its source does not describe still counts: its money must not vanish with an inner join.
inferred as (
    select
        mentioned.clinic_id,
        mentioned.source_id
    from mentioned
    left join clinics on mentioned.clinic_id = clinics.clinic_id
    where clinics.clinic_id is null
),

unioned as (
    select
        clinic_id,
        source_id,
        clinic_name,
        city,
        time_zone,
        currency,
        false as is_inferred,
        opened_on,
        closed_on,
        removed_on
    from clinics
    union all
    select
        clinic_id,
        source_id,
        clinic_id as clinic_name,
        null as city,
        'UTC' as time_zone,
        null as currency,
        true as is_inferred,
        null as opened_on,
        null as closed_on,
        null as removed_on
    from inferred
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(clinic_name as string) as clinic_name,
        cast(city as string) as city,
        cast(time_zone as string) as time_zone,
        cast(currency as string) as currency,
        cast(is_inferred as boolean) as is_inferred,
        cast(opened_on as date) as opened_on,
        cast(closed_on as date) as closed_on,
        cast(removed_on as date) as removed_on
    from unioned
)

select * from final
