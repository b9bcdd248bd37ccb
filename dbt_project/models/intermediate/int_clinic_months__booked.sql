{%- set classes = booked_classes() | map('replace', '_amount', '') | reject('equalto', 'other') | list -%}
{%- set codes = ['assets', 'cash', 'debt', 'multiple'] -%}
with

clinic_months as (
    select distinct
        clinic_days.source_id,
        clinic_days.clinic_id,
        clinic_days.currency,
        months.period_start,
        months.period_end
    from {{ ref('int_clinic_days') }} as clinic_days
    inner join {{ ref('int_periods__days') }} as months
        on clinic_days.local_date = months.local_date and months.period_kind = 'month'
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

work as (
    select
        clinic_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        sum(net_amount) as net_revenue_amount,
        sum(direct_cost_amount) as direct_cost_amount
    from {{ ref('int_lines__performed') }}
    group by clinic_id, {{ period_start_of('month', 'local_date') }}
),

stays as (
    select
        clinic_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        sum({{ 'charge_amount' if var('stay_charges') == 'beside_lines' else 0 }}) as stay_revenue_amount
    from {{ ref('fct_stay_charges') }}
    group by clinic_id, {{ period_start_of('month', 'local_date') }}
),

expenses as (
    select
        clinic_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        {%- for class in classes %}
        sum(case when expense_kind = '{{ class }}' then expense_amount else 0 end) as {{ class }}_amount,
        {%- endfor %}
        sum(expense_amount) as expense_amount,
        count(*) as expense_entries
    from {{ ref('fct_expenses') }}
    group by clinic_id, {{ period_start_of('month', 'local_date') }}
),

-- The last balance before the end of the month; one of more than a year ago says nothing of today.
balances as (
    select
        clinic_months.clinic_id,
        clinic_months.period_start,
        balances.balance_code,
        balances.balance_amount,
        row_number() over (
            partition by clinic_months.clinic_id, clinic_months.period_start, balances.balance_code
            order by balances.local_date desc
        ) as age
    from clinic_months
    inner join {{ ref('fct_balances') }} as balances
        on
            clinic_months.clinic_id = balances.clinic_id
            and clinic_months.period_end >= balances.local_date
            and {{ dbt.dateadd('month', -11, 'clinic_months.period_start') }} <= balances.local_date
),

balance_lines as (
    select
        {%- for code in codes %}
        max(case when balance_code = '{{ code }}' then balance_amount end) as {{ code }}_amount,
        {%- endfor %}
        clinic_id,
        period_start
    from balances
    where age = 1
    group by clinic_id, period_start
),

final as (
    select
        cast(clinic_months.source_id as string) as source_id,
        cast(clinic_months.clinic_id as string) as clinic_id,
        cast(clinic_months.currency as string) as currency,
        cast('month' as string) as period_kind,
        cast(clinic_months.period_end <= export_days.last_export_date as boolean) as is_complete,
        cast(work.clinic_id is not null or stays.clinic_id is not null as boolean) as has_revenue,
        cast(coalesce(expenses.expense_entries, 0) as bigint) as expense_entries,
        cast(coalesce(work.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        cast(coalesce(stays.stay_revenue_amount, 0) as decimal(18, 2)) as stay_revenue_amount,
        cast(coalesce(work.direct_cost_amount, 0) as decimal(38, 6)) as direct_cost_amount,
        {%- for class in classes %}
        cast(coalesce(expenses.{{ class }}_amount, 0) as decimal(18, 2)) as {{ class }}_amount,
        {%- endfor %}
        -- What is of none of these classes.
        cast(
            coalesce(expenses.expense_amount, 0)
            {%- for class in classes %}
            - coalesce(expenses.{{ class }}_amount, 0)
            {%- endfor %}
            as decimal(18, 2)
        ) as other_amount,
        {%- for code in codes %}
        cast(
            case when clinic_months.period_end <= export_days.last_export_date then balance_lines.{{ code }}_amount end
            as decimal(18, 2)
        ) as {{ code }}_balance_amount,
        {%- endfor %}
        cast(clinic_months.period_start as date) as period_start,
        cast(clinic_months.period_end as date) as period_end
    from clinic_months
    inner join export_days on clinic_months.source_id = export_days.source_id
    left join work using (clinic_id, period_start)
    left join stays using (clinic_id, period_start)
    left join expenses using (clinic_id, period_start)
    left join balance_lines using (clinic_id, period_start)
)

select * from final
