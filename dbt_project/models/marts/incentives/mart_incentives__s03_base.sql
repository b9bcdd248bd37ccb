with

credits as (
    select * from {{ ref('mart_incentives__s02_credits') }}
),

final as (
    select
        cast(credit_id as string) as credit_id,
        cast(scenario_id as string) as scenario_id,
        cast(scheme_id as string) as scheme_id,
        cast(module as string) as module,
        cast(service_line_id as string) as service_line_id,
        cast(clinic_id as string) as clinic_id,
        cast(employee_id as string) as employee_id,
        cast(role as string) as role,
        cast(currency as string) as currency,
        cast(credited_net_amount as decimal(38, 10)) as base_amount,
        cast(credited_cost_amount as decimal(38, 10)) as credited_cost_amount,
        cast(period_month as date) as period_month,
        cast(local_date as date) as local_date,
        cast(terms_date as date) as terms_date
    from credits
    where not is_kept_by_clinic
)

select * from final
