with

rounded as (
    select * from {{ ref('mart_incentives__s11_rounding') }}
),

final as (
    select
        cast(scenario_id as string) as scenario_id,
        cast(scheme_id as string) as scheme_id,
        cast(module as string) as module,
        cast(clinic_id as string) as clinic_id,
        cast(employee_id as string) as employee_id,
        cast(role as string) as role,
        cast(currency as string) as currency,
        cast(payout_amount as decimal(18, 2)) as payout_amount,
        cast(period_month as date) as period_month
    from rounded
)

select * from final
