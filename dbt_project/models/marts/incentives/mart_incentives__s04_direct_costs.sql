with

bases as (
    select * from {{ ref('mart_incentives__s03_base') }}
),

cost_shares as (
    select * from {{ source('schemes', 'cost_shares') }}
),

-- A module whose rule is `none` has no cost shares.
costed as (
    select
        bases.*,
        coalesce(cost_shares.cost_share, 0) as cost_share
    from bases
    left join cost_shares
        on
            bases.scenario_id = cost_shares.scenario_id
            and bases.scheme_id = cost_shares.scheme_id
            and bases.module = cost_shares.module
            and bases.terms_date between cost_shares.valid_from and coalesce(cost_shares.valid_to, bases.terms_date)
),

deducted as (
    select
        *,
        {{ from_units(
            units_times_share(to_units('coalesce(credited_cost_amount, 0)'), 'cost_share')
        ) }} as deducted_amount
    from costed
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
        cast(credited_cost_amount is not null as boolean) as is_cost_known,
        cast(cost_share as decimal(38, 10)) as cost_share,
        cast(base_amount as decimal(38, 10)) as base_amount,
        cast(deducted_amount as decimal(38, 10)) as deducted_amount,
        cast(base_amount - deducted_amount as decimal(38, 10)) as net_base_amount,
        cast(period_month as date) as period_month,
        cast(local_date as date) as local_date,
        cast(terms_date as date) as terms_date
    from deducted
)

select * from final
