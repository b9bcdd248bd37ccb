{#
  An invoice has no performer: it goes with the one whose lines make the most of it, so that practitioners sum to
  their clinic.
#}
with

lines as (
    select * from {{ ref('int_lines__performed') }}
    where invoice_id is not null and not is_refund
),

shares as (
    select
        invoice_id,
        clinic_id,
        employee_id,
        specialty,
        sum(net_amount) as net_amount
    from lines
    group by invoice_id, clinic_id, employee_id, specialty
),

ranked as (
    select
        *,
        row_number() over (
            partition by invoice_id, clinic_id
            order by net_amount desc, employee_id asc nulls last, specialty asc nulls last
        ) as share_order
    from shares
),

final as (
    select
        cast(invoice_id as string) as invoice_id,
        cast(clinic_id as string) as clinic_id,
        cast(specialty as string) as specialty,
        cast(employee_id as string) as employee_id
    from ranked
    where share_order = 1
)

select * from final
