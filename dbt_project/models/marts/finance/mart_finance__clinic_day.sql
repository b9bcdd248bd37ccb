with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

available as (
    {{ available_metrics('mart_finance__clinic_day') }}
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
    where is_settled
),

invoices as (
    select * from {{ ref('fct_invoices') }}
    where coalesce(invoice_status, 'open') <> 'cancelled'
),

-- The direct cost recorded on the line, else the norm of its service on the day of the work: a refund takes back that.
-- The norm is widened first: a product keeps the width of its factors.
costed as (
    select
        service_lines.*,
        case
            when service_lines.direct_cost_amount is null
                then cast(
                    case
                        when originals.service_line_id is null then service_lines.norm_direct_cost_amount
                        else originals.norm_direct_cost_amount
                    end as decimal(28, 2)
                ) * service_lines.quantity
        end as norm_cost_amount
    from service_lines
    left join service_lines as originals on service_lines.original_line_id = originals.service_line_id
    where service_lines.is_performed
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
        sum(coalesce(direct_cost_amount, norm_cost_amount, 0)) as direct_cost_amount,
        sum(coalesce(norm_cost_amount, 0)) as direct_cost_by_norm_amount
    from costed
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
        {%- for metric in [
            'service_lines', 'refund_lines', 'gross_amount', 'discount_amount', 'net_revenue_amount', 'refund_amount',
            'direct_cost_amount', 'direct_cost_by_norm_amount', 'movements', 'cash_amount', 'payments', 'payments_amount',
            'refunds', 'refunds_amount', 'deposits', 'deposits_amount', 'chargebacks', 'chargebacks_amount', 'invoices',
            'invoiced_amount'
        ] %}
        {{ where_available(metric, metric) }} as {{ metric }},
        {%- endfor %}
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
        {%- for count in [
            'service_lines', 'refund_lines', 'movements', 'payments', 'refunds', 'deposits', 'chargebacks', 'invoices'
        ] %}
        {{ as_count(count) }} as {{ count }},
        {%- endfor %}
        {{ exact_quotient('discount_amount', 'gross_amount') }} as discount_rate,
        {%- for amount in [
            'gross_amount', 'discount_amount', 'net_revenue_amount', 'refund_amount', 'direct_cost_amount',
            'direct_cost_by_norm_amount', 'cash_amount', 'payments_amount', 'refunds_amount', 'deposits_amount',
            'chargebacks_amount', 'invoiced_amount'
        ] %}
        {{ as_amount(amount) }} as {{ amount }},
        {%- endfor %}
        cast({{ as_amount('net_revenue_amount') }} - {{ as_amount('direct_cost_amount') }} as decimal(18, 2))
            as contribution_amount,
        cast(local_date as date) as local_date
    from measured
)

select * from final
