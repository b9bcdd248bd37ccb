with

rated as (
    select * from {{ ref('mart_incentives__s05_rate') }}
),

caps as (
    select * from {{ source('schemes', 'employee_month_caps') }}
),

monthly as (
    select
        scenario_id,
        scheme_id,
        module,
        clinic_id,
        employee_id,
        role,
        currency,
        period_month,
        sum(earned_amount) as earned_amount,
        sum(direct_cost_effect_amount) as direct_cost_effect_amount,
        sum(rated_amount) as rated_amount
    from rated
    group by scenario_id, scheme_id, module, clinic_id, employee_id, role, currency, period_month
),

-- The cap is on an employee's module, over all the roles they had in it.
capped as (
    select
        monthly.*,
        caps.cap_amount,
        {{ to_units('caps.cap_amount') }} as cap_units,
        {{ to_units('monthly.rated_amount') }} as rated_units,
        sum({{ to_units('monthly.rated_amount') }}) over (
            partition by
                monthly.scenario_id, monthly.clinic_id, monthly.period_month, monthly.employee_id, monthly.module
        ) as employee_units
    from monthly
    left join caps
        on
            monthly.scenario_id = caps.scenario_id
            and monthly.scheme_id = caps.scheme_id
            and monthly.module = caps.module
            and monthly.period_month >= caps.valid_from
            and monthly.period_month <= coalesce(caps.valid_to, monthly.period_month)
),

quotas as (
    select
        *,
        {{ proportion_floor('cap_units', 'rated_units', 'nullif(greatest(employee_units, 0), 0)') }} as quota_floor,
        {{ proportion_remainder('cap_units', 'rated_units', 'nullif(greatest(employee_units, 0), 0)') }}
            as quota_remainder
    from capped
),

limited as (
    select
        *,
        case
            when employee_units > cap_units
                then {{ largest_remainder(
                    'cap_units', 'quota_floor', 'quota_remainder',
                    ['scenario_id', 'clinic_id', 'period_month', 'employee_id', 'module'], ['role']
                ) }}
            else rated_units
        end as limited_units
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
        cast(earned_amount as decimal(38, 10)) as earned_amount,
        cast(direct_cost_effect_amount as decimal(38, 10)) as direct_cost_effect_amount,
        cast(rated_amount as decimal(38, 10)) as rated_amount,
        cast(cap_amount as decimal(18, 2)) as cap_amount,
        cast({{ from_units('limited_units - rated_units') }} as decimal(38, 10)) as module_limit_effect_amount,
        cast({{ from_units('limited_units') }} as decimal(38, 10)) as limited_amount,
        cast(period_month as date) as period_month
    from limited
)

select * from final
