with

amounts as (
    select * from {{ ref('mart_incentives__s06_module_limits') }}
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),

global_limits as (
    select * from {{ source('schemes', 'global_limits') }}
),

revenues as (
    select
        clinic_id,
        cast({{ dbt.date_trunc('month', 'local_date') }} as date) as period_month,
        sum(cast(net_amount as decimal(38, 10))) as net_revenue_amount
    from service_lines
    where is_performed
    group by clinic_id, cast({{ dbt.date_trunc('month', 'local_date') }} as date)
),

totals as (
    select
        scenario_id,
        scheme_id,
        clinic_id,
        period_month,
        sum(limited_amount) as total_amount
    from amounts
    group by scenario_id, scheme_id, clinic_id, period_month
),

-- Rounded down to the kopeck, because the total is rounded to it later and must not pass the limit. Never below zero.
limits as (
    select
        totals.scenario_id,
        totals.clinic_id,
        totals.period_month,
        {{ to_units('totals.total_amount') }} as total_units,
        revenues.net_revenue_amount,
        global_limits.net_revenue_share,
        greatest({{ floor_quotient(
            units_times_share(to_units('revenues.net_revenue_amount'), 'global_limits.net_revenue_share'), '100000000'
        ) }}, 0) * 100000000 as limit_units
    from totals
    inner join global_limits
        on
            totals.scenario_id = global_limits.scenario_id
            and totals.scheme_id = global_limits.scheme_id
            and totals.period_month >= global_limits.valid_from
            and totals.period_month <= coalesce(global_limits.valid_to, totals.period_month)
    inner join revenues using (clinic_id, period_month)
),

quotas as (
    select
        amounts.*,
        limits.net_revenue_amount,
        limits.net_revenue_share,
        limits.limit_units,
        limits.total_units,
        {{ to_units('amounts.limited_amount') }} as limited_units,
        {{ proportion_floor(
            'limits.limit_units', to_units('amounts.limited_amount'), 'nullif(greatest(limits.total_units, 0), 0)'
        ) }} as quota_floor,
        {{ proportion_remainder(
            'limits.limit_units', to_units('amounts.limited_amount'), 'nullif(greatest(limits.total_units, 0), 0)'
        ) }} as quota_remainder
    from amounts
    left join limits
        on
            amounts.scenario_id = limits.scenario_id
            and amounts.clinic_id = limits.clinic_id
            and amounts.period_month = limits.period_month
),

reduced as (
    select
        *,
        case
            when total_units > limit_units
                then {{ largest_remainder(
                    'limit_units', 'quota_floor', 'quota_remainder',
                    ['scenario_id', 'clinic_id', 'period_month'], ['employee_id', 'module', 'role']
                ) }}
            else limited_units
        end as payable_units
    from quotas
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
        cast(net_revenue_amount as decimal(38, 10)) as net_revenue_amount,
        cast(net_revenue_share as decimal(38, 10)) as net_revenue_share,
        cast({{ from_units('limit_units') }} as decimal(38, 10)) as limit_amount,
        cast(limited_amount as decimal(38, 10)) as limited_amount,
        cast({{ from_units('payable_units - limited_units') }} as decimal(38, 10)) as global_limit_effect_amount,
        cast({{ from_units('payable_units') }} as decimal(38, 10)) as payable_amount,
        cast(period_month as date) as period_month
    from reduced
)

select * from final
