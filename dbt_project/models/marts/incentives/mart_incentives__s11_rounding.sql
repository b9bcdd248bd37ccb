with

amounts as (
    select * from {{ ref('mart_incentives__s10_global_limit') }}
),

counted as (
    select
        *,
        {{ to_units('payable_amount') }} as payable_units,
        sum({{ to_units('payable_amount') }}) over (partition by scenario_id, clinic_id, period_month) as total_units
    from amounts
),

-- A month with a negative total is rounded as the mirror image of a positive one: a reversal takes back what was given.
directed as (
    select
        *,
        case when total_units < 0 then -1 else 1 end as direction
    from counted
),

-- In kopecks: the total is rounded half away from zero, each part down; the missing ones go to the largest remainders.
quotas as (
    select
        *,
        {{ floor_quotient('2 * abs(total_units) + 100000000', '200000000') }} as total_kopecks,
        {{ floor_quotient('direction * payable_units', '100000000') }} as kopecks_floor,
        {{ floor_remainder('direction * payable_units', '100000000') }} as kopecks_remainder
    from directed
),

rounded as (
    select
        *,
        direction * 100000000 * ({{ largest_remainder(
            'total_kopecks', 'kopecks_floor', 'kopecks_remainder',
            ['scenario_id', 'clinic_id', 'period_month'], ['employee_id', 'module', 'role']
        ) }}) as payout_units
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
        cast(payable_amount as decimal(38, 10)) as payable_amount,
        cast({{ from_units('payout_units - payable_units') }} as decimal(38, 10)) as rounding_effect_amount,
        cast({{ from_units('payout_units') }} as decimal(18, 2)) as payout_amount,
        cast(period_month as date) as period_month
    from rounded
)

select * from final
