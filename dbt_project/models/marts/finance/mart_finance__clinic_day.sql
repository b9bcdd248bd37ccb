with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

available as (
    {{ available_metrics('mart_finance__clinic_day') }}
),

service_lines as (
    select * from {{ ref('int_lines__performed') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
    where is_settled
),

invoices as (
    select * from {{ ref('fct_invoices') }}
    where coalesce(invoice_status, 'open') <> 'cancelled'
),

ledger as (
    select
        clinic_id,
        local_date,
        count(*) as service_lines,
        {{ count_if('is_refund') }} as refund_lines,
        sum(list_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(net_amount) as net_revenue_amount,
        sum(case when is_refund then net_amount else 0 end) as refund_amount,
        sum(direct_cost_amount) as direct_cost_amount,
        sum(case when is_cost_by_norm then direct_cost_amount else 0 end) as direct_cost_by_norm_amount
    from service_lines
    group by clinic_id, local_date
),

cash as (
    select
        clinic_id,
        local_date,
        {%- for kind in ['payment', 'refund', 'deposit', 'chargeback'] %}
        {{ count_if("payment_kind = '" ~ kind ~ "'") }} as {{ kind }}s,
        sum(case when payment_kind = '{{ kind }}' then payment_amount else 0 end)
            as {{ kind }}s_amount,
        {%- endfor %}
        count(*) as movements,
        sum(payment_amount) as cash_amount
    from payments
    group by clinic_id, local_date
),

billing as (
    select
        clinic_id,
        local_date,
        count(*) as invoices,
        sum(invoice_amount) as invoiced_amount
    from invoices
    group by clinic_id, local_date
),

measured as (
    select
        {{ available_measures('mart_finance__clinic_day') }},
        clinic_days.clinic_id,
        clinic_days.source_id,
        clinic_days.currency,
        clinic_days.local_date
    from clinic_days
    left join available on clinic_days.source_id = available.source_id
    {%- for part in ['ledger', 'cash', 'billing'] %}
    left join {{ part }} using (clinic_id, local_date)
    {%- endfor %}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {{ metric_columns('mart_finance__clinic_day') }},
        cast(local_date as date) as local_date
    from measured
)

select * from final
