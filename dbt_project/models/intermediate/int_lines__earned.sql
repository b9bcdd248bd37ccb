{#
  Money of performed lines on the days on which it counts, with what tells its scopes. Work has days of its own:
  int_lines__performed.
#}
with

revenues as (
    select * from {{ ref('fct_revenues') }}
),

lines as (
    select * from {{ ref('int_lines__performed') }}
),

final as (
    select
        cast(lines.service_line_id as string) as service_line_id,
        cast(lines.source_id as string) as source_id,
        cast(lines.clinic_id as string) as clinic_id,
        cast(lines.specialty as string) as specialty,
        cast(lines.employee_id as string) as employee_id,
        cast(lines.resource_id as string) as resource_id,
        cast(lines.patient_id as string) as patient_id,
        cast(lines.plan_id as string) as plan_id,
        cast(lines.plan_item_id as string) as plan_item_id,
        cast(lines.fee_level as string) as fee_level,
        cast(lines.payer as string) as payer,
        cast(lines.currency as string) as currency,
        cast(lines.is_slotted as boolean) as is_slotted,
        cast(revenues.list_amount as decimal(18, 2)) as list_amount,
        cast(revenues.discount_amount as decimal(18, 2)) as discount_amount,
        cast(revenues.net_amount as decimal(18, 2)) as net_amount,
        cast(lines.plan_presented_on as date) as plan_presented_on,
        cast(revenues.local_date as date) as local_date
    from revenues
    inner join lines on revenues.service_line_id = lines.service_line_id
)

select * from final
