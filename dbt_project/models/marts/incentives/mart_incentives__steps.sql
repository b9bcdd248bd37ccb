with

module_limits as (
    select * from {{ ref('mart_incentives__s06_module_limits') }}
),

global_limit as (
    select * from {{ ref('mart_incentives__s10_global_limit') }}
),

rounding as (
    select * from {{ ref('mart_incentives__s11_rounding') }}
),
{% set steps = [
    (5, 'rate', 'module_limits', 'earned_amount'),
    (4, 'direct_costs', 'module_limits', 'direct_cost_effect_amount'),
    (6, 'module_limits', 'module_limits', 'module_limit_effect_amount'),
    (10, 'global_limit', 'global_limit', 'global_limit_effect_amount'),
    (11, 'rounding', 'rounding', 'rounding_effect_amount'),
] %}
effects as (
    {%- for number, name, relation, effect in steps %}
    {{ 'union all' if not loop.first }}
    select
        scenario_id,
        scheme_id,
        module,
        clinic_id,
        employee_id,
        role,
        currency,
        period_month,
        {{ number }} as step_number,
        '{{ name }}' as step_name,
        {{ effect }} as effect_amount
    from {{ relation }}
    {%- endfor %}
),

final as (
    select
        cast(scenario_id as string) as scenario_id,
        cast(scheme_id as string) as scheme_id,
        cast(module as string) as module,
        cast(clinic_id as string) as clinic_id,
        cast(employee_id as string) as employee_id,
        cast(role as string) as role,
        cast(step_name as string) as step_name,
        cast(currency as string) as currency,
        cast(step_number as integer) as step_number,
        cast(effect_amount as decimal(38, 10)) as effect_amount,
        cast(period_month as date) as period_month
    from effects
)

select * from final
