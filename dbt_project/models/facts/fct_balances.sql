{#
  A table, not incremental: four rows per clinic and month.
#}
with

balances as (
    select * from {{ ref('stg_balances') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(balances.clinic_id as string) as clinic_id,
        cast(balances.source_id as string) as source_id,
        cast(balances.balance_code as string) as balance_code,
        cast(clinics.currency as string) as currency,
        cast(balances.balance_amount as decimal(18, 2)) as balance_amount,
        cast(balances.balance_date as date) as local_date
    from balances
    inner join clinics on balances.clinic_id = clinics.clinic_id
)

select * from final
