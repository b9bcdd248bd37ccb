{#
  A table, not incremental: some rows a day at most, so keeping days apart would cost more than it saves.
#}
with

marketing_spend as (
    select * from {{ ref('stg_marketing_spend') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(marketing_spend.clinic_id as string) as clinic_id,
        cast(marketing_spend.source_id as string) as source_id,
        cast(marketing_spend.channel as string) as channel,
        cast(clinics.currency as string) as currency,
        cast(marketing_spend.spend_amount as decimal(18, 2)) as spend_amount,
        cast(marketing_spend.spend_date as date) as local_date
    from marketing_spend
    inner join clinics on marketing_spend.clinic_id = clinics.clinic_id
)

select * from final
