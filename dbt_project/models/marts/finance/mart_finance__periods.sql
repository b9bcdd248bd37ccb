{%- set expenses = {
    'payroll_expense_amount': 'payroll_amount',
    'rent_expense_amount': 'rent_amount',
    'marketing_expense_amount': 'marketing_amount',
    'administration_expense_amount': 'administration_amount',
    'other_expense_amount': 'other_amount',
    'materials_expense_amount': 'materials_amount',
    'depreciation_amount': 'depreciation_amount',
    'interest_amount': 'interest_amount',
    'tax_amount': 'tax_amount'
} -%}
{%- set at_the_end = [
    'ebitda_12m_amount', 'net_profit_12m_amount', 'assets_balance_amount', 'debt_balance_amount',
    'cash_balance_amount', 'assets_12m_amount', 'ebitda_multiple', 'capitalisation_amount'
] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic') and period_kind in ('month', 'quarter', 'year')
),

available as (
    {{ available_metrics('mart_finance__periods') }}
),

months as (
    select * from {{ ref('int_scope_months__valued') }}
),

sums as (
    select
        {%- for flow in booked_flows() %}
        sum(months.{{ flow }}) as {{ flow }},
        {%- endfor %}
        scope_periods.scope_id,
        scope_periods.period_kind,
        scope_periods.period_start
    from scope_periods
    inner join months
        on
            scope_periods.scope_id = months.scope_id
            and scope_periods.period_start <= months.period_start
            and scope_periods.period_end >= months.period_end
    group by scope_periods.scope_id, scope_periods.period_kind, scope_periods.period_start
),

-- A period without one entry of expenses had expenses all the same: its books are not written yet.
named as (
    select
        scope_periods.*,
        sums.net_revenue_amount,
        sums.stay_revenue_amount,
        sums.net_revenue_amount + sums.stay_revenue_amount as revenue_amount,
        sums.direct_cost_amount,
        {%- for name, flow in expenses.items() %}
        case when sums.expense_entries > 0 then sums.{{ flow }} end as {{ name }},
        {%- endfor %}
        {%- for name in at_the_end %}
        last_months.{{ name }},
        {%- endfor %}
        sums.expense_entries,
        sums.months_without_expenses
    from scope_periods
    left join sums
        on
            scope_periods.scope_id = sums.scope_id
            and scope_periods.period_kind = sums.period_kind
            and scope_periods.period_start = sums.period_start
    left join months as last_months
        on scope_periods.scope_id = last_months.scope_id and scope_periods.period_end = last_months.period_end
),

measured as (
    select
        {{ scope_and_period_columns('named') }},
        {{ available_measures('mart_finance__periods') }}
    from named
    left join available on named.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_finance__periods') }}
    from measured
)

select * from final
