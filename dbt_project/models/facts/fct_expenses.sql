{#
  A table, not incremental: a few rows per clinic and month.
#}
with

expenses as (
    select * from {{ ref('stg_expenses') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

final as (
    select
        cast(expenses.expense_id as string) as expense_id,
        cast(expenses.source_id as string) as source_id,
        cast(expenses.clinic_id as string) as clinic_id,
        cast(expenses.expense_kind as string) as expense_kind,
        cast(clinics.currency as string) as currency,
        cast(expenses.expense_amount as decimal(18, 2)) as expense_amount,
        cast(expenses.expense_date as date) as local_date
    from expenses
    inner join clinics on expenses.clinic_id = clinics.clinic_id
)

select * from final
