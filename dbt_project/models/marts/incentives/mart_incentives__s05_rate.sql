with

bases as (
    select * from {{ ref('mart_incentives__s04_direct_costs') }}
),

module_rates as (
    select * from {{ source('schemes', 'module_rates') }}
),

rated as (
    select
        bases.*,
        module_rates.rate,
        {{ from_units(units_times_share(to_units('bases.base_amount'), 'module_rates.rate')) }} as earned_amount,
        {{ from_units(units_times_share(to_units('bases.net_base_amount'), 'module_rates.rate')) }} as rated_amount
    from bases
    inner join module_rates
        on
            bases.scenario_id = module_rates.scenario_id
            and bases.scheme_id = module_rates.scheme_id
            and bases.module = module_rates.module
            and bases.terms_date between module_rates.valid_from and coalesce(module_rates.valid_to, bases.terms_date)
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
        cast(rate as decimal(38, 10)) as rate,
        cast(earned_amount as decimal(38, 10)) as earned_amount,
        cast(rated_amount - earned_amount as decimal(38, 10)) as direct_cost_effect_amount,
        cast(rated_amount as decimal(38, 10)) as rated_amount,
        cast(period_month as date) as period_month,
        cast(local_date as date) as local_date,
        cast(terms_date as date) as terms_date
    from rated
)

select * from final
