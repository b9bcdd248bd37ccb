{#
  The money of performed lines, by the days on which it counts. var('revenue_clock') says which these are:
  - performed: the day of the work
  - invoiced: the day on which the line is both done and invoiced; a cancelled invoice asks for nothing
  - paid: as its invoice is paid, never more than has been done on it by then
#}
{%- set clock = var('revenue_clock') -%}
{%- set amounts = ['list_amount', 'discount_amount', 'net_amount'] -%}
-- Some clocks add these inputs: dbt is to know them whatever the clock is.
-- depends_on: {{ ref('fct_invoices') }}
-- depends_on: {{ ref('fct_payment_allocations') }}
with

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),
{%- if clock == 'performed' %}

counted as (
    select * from service_lines
    where is_performed
),
{%- else %}

invoices as (
    select * from {{ ref('fct_invoices') }}
    where coalesce(invoice_status, 'open') <> 'cancelled' and local_date is not null
),

-- A refund without an invoice of its own is settled with the line that it takes back.
billed as (
    select
        service_lines.service_line_id,
        service_lines.source_id,
        service_lines.clinic_id,
        service_lines.currency,
        service_lines.local_date,
        {%- for amount in amounts %}
        service_lines.{{ amount }},
        {%- endfor %}
        invoices.invoice_id,
        invoices.local_date as invoiced_on
    from service_lines
    left join service_lines as originals on service_lines.original_line_id = originals.service_line_id
    inner join invoices on coalesce(service_lines.invoice_id, originals.invoice_id) = invoices.invoice_id
    where service_lines.is_performed
),
{%- endif %}
{%- if clock == 'invoiced' %}

counted as (
    select
        service_line_id,
        source_id,
        clinic_id,
        currency,
        list_amount,
        discount_amount,
        net_amount,
        greatest(local_date, invoiced_on) as local_date
    from billed
),
{%- elif clock == 'paid' %}

payments as (
    select
        invoice_id,
        local_date,
        sum(allocated_amount) as allocated_amount
    from {{ ref('fct_payment_allocations') }}
    where is_settled and local_date is not null
    group by invoice_id, local_date
),

invoice_days as (
    select
        invoice_id,
        local_date
    from billed
    union
    select
        invoice_id,
        local_date
    from payments
),

paid as (
    select
        invoice_days.invoice_id,
        invoice_days.local_date,
        cast(
            sum(coalesce(payments.allocated_amount, 0)) over (
                partition by invoice_days.invoice_id
                order by invoice_days.local_date
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as paid_amount
    from invoice_days
    left join payments
        on invoice_days.invoice_id = payments.invoice_id and invoice_days.local_date = payments.local_date
),

-- Whenever something happens to an invoice: what has been done on it by then, line after line.
standing as (
    select
        billed.service_line_id,
        billed.source_id,
        billed.clinic_id,
        billed.currency,
        paid.invoice_id,
        paid.local_date,
        paid.paid_amount,
        {%- for amount in amounts %}
        cast(
            sum(billed.{{ amount }}) over (
                partition by paid.invoice_id, paid.local_date
                order by billed.service_line_id
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as {{ amount }},
        {%- endfor %}
        cast(
            sum(billed.net_amount) over (partition by paid.invoice_id, paid.local_date) as decimal(18, 2)
        ) as earned_amount
    from paid
    inner join billed on paid.invoice_id = billed.invoice_id and billed.local_date <= paid.local_date
),

-- Sums are rounded, not lines, so that the lines of an invoice make exactly what is paid of it.
settled as (
    select
        *
        {%- for amount in amounts %},
        case
            when earned_amount = 0 or abs(paid_amount) >= abs(earned_amount) and paid_amount * earned_amount > 0
                then {{ amount }}
            when paid_amount * earned_amount > 0
                then {{ money_quotient(amount ~ ' * paid_amount', 'earned_amount') }}
            else 0
        end as settled_{{ amount }}
        {%- endfor %}
    from standing
),

lines_settled as (
    select
        *
        {%- for amount in amounts %},
        settled_{{ amount }} - lag(settled_{{ amount }}, 1, 0) over (
            partition by invoice_id, local_date order by service_line_id
        ) as line_{{ amount }}
        {%- endfor %}
    from settled
),

counted as (
    select
        service_line_id,
        source_id,
        clinic_id,
        currency,
        local_date
        {%- for amount in amounts %},
        line_{{ amount }} - lag(line_{{ amount }}, 1, 0) over (
            partition by service_line_id order by local_date
        ) as {{ amount }}
        {%- endfor %}
    from lines_settled
),
{%- endif %}

final as (
    select
        cast(service_line_id as string) as service_line_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(currency as string) as currency,
        {%- for amount in amounts %}
        cast({{ amount }} as decimal(18, 2)) as {{ amount }},
        {%- endfor %}
        cast(local_date as date) as local_date
    from counted
    {%- if clock == 'paid' %}
    where {{ amounts | join(' <> 0 or ') }} <> 0
    {%- endif %}
)

select * from final
