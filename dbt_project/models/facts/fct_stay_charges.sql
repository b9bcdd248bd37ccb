{#
  A table, not incremental: four rows a guest and night, and the clinic of a charge is its stay's, whenever that becomes known.
#}
with

stay_charges as (
    select * from {{ ref('stg_stay_charges') }}
),

stays as (
    select * from {{ ref('fct_stays') }}
),

-- A charge of a stay that no export describes has no clinic; it is kept, to be seen.
final as (
    select
        cast(stay_charges.stay_id as string) as stay_id,
        cast(stay_charges.source_id as string) as source_id,
        cast(stays.clinic_id as string) as clinic_id,
        cast(stay_charges.department as string) as department,
        cast(stays.package as string) as package,
        cast(stays.currency as string) as currency,
        cast(stay_charges.charge_amount as decimal(18, 2)) as charge_amount,
        cast(stay_charges.night_date as date) as local_date
    from stay_charges
    left join stays on stay_charges.stay_id = stays.stay_id
)

select * from final
