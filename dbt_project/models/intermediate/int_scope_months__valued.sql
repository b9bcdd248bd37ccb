{%- set flows = booked_flows() -%}
{%- set last_12_months = 'partition by scope_id order by period_start rows between 11 preceding and current row' -%}
with

-- A month is known if it has both sides of the account. One with neither is not missed: the clinic was closed.
clinic_months as (
    select
        *,
        net_revenue_amount + stay_revenue_amount - direct_cost_amount
        - payroll_amount - rent_amount - marketing_amount - administration_amount - other_amount as ebitda_amount,
        case when has_revenue and expense_entries = 0 then 1 else 0 end as months_without_expenses,
        case
            when has_revenue and expense_entries > 0 and is_complete then 1
            when has_revenue or expense_entries > 0 then 0
        end as is_known
    from {{ ref('int_clinic_months__booked') }}
),

-- What a clinic is worth is its own EBITDA times its own multiple.
trailing_months as (
    select
        *,
        sum(ebitda_amount) over (
            partition by clinic_id order by period_start rows between 11 preceding and current row
        ) * multiple_balance_amount as valued_amount
    from clinic_months
),

scope_months as (
    select
        scope_id,
        period_start,
        period_end,
        {%- for flow in flows %}
        sum({{ flow }}) as {{ flow }},
        {%- endfor %}
        sum(ebitda_amount) as ebitda_amount,
        sum(ebitda_amount - depreciation_amount - interest_amount - tax_amount) as net_profit_amount,
        min(is_known) as is_known,
        {%- for line in ['assets_balance_amount', 'debt_balance_amount', 'cash_balance_amount', 'valued_amount'] %}
        case when count({{ line }}) >= count(is_known) then sum({{ line }}) end as {{ line }},
        {%- endfor %}
        case when min(multiple_balance_amount) = max(multiple_balance_amount) then min(multiple_balance_amount) end
            as ebitda_multiple
    from ({{ in_scopes('trailing_months', ['network', 'clinic']) }}) as scoped
    group by scope_id, period_start, period_end
),

-- The months of a scope follow one another without gaps.
years as (
    select
        *,
        count(is_known) over ({{ last_12_months }}) = 12 and min(is_known) over ({{ last_12_months }}) = 1
            as is_year_known,
        count(assets_balance_amount) over ({{ last_12_months }}) = 12 as are_assets_known,
        sum(ebitda_amount) over ({{ last_12_months }}) as year_ebitda_amount,
        sum(net_profit_amount) over ({{ last_12_months }}) as year_net_profit_amount,
        sum(assets_balance_amount) over ({{ last_12_months }}) as year_assets_amount
    from scope_months
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast('month' as string) as period_kind,
        {%- for flow in flows %}
        cast({{ flow }} as {{ 'decimal(18, 2)' if flow.endswith('_amount') and flow != 'direct_cost_amount'
            else 'decimal(38, 6)' if flow == 'direct_cost_amount' else 'bigint' }}) as {{ flow }},
        {%- endfor %}
        cast(case when is_year_known then year_ebitda_amount end as decimal(18, 2)) as ebitda_12m_amount,
        cast(case when is_year_known then year_net_profit_amount end as decimal(18, 2)) as net_profit_12m_amount,
        cast(case when are_assets_known then year_assets_amount end as decimal(18, 2)) as assets_12m_amount,
        cast(assets_balance_amount as decimal(18, 2)) as assets_balance_amount,
        cast(debt_balance_amount as decimal(18, 2)) as debt_balance_amount,
        cast(cash_balance_amount as decimal(18, 2)) as cash_balance_amount,
        cast(ebitda_multiple as decimal(18, 2)) as ebitda_multiple,
        cast(
            case when is_year_known then valued_amount - debt_balance_amount + cash_balance_amount end
            as decimal(18, 2)
        ) as capitalisation_amount,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end
    from years
)

select * from final
