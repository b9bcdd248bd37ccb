{# What was known to be done of each part of a plan, and on which days. What is taken back counts against it. #}
with

lines as (
    select * from {{ ref('stg_service_lines__known') }}
    where line_status = 'performed' and plan_item_id is not null
),

items as (
    select * from {{ ref('fct_plan_items__known') }}
    where is_latest
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

placed as (
    select
        lines.*,
        items.plan_id,
        items.part,
        {{ local_date('lines.performed_at', 'clinics.time_zone') }} as local_date
    from lines
    inner join items on lines.plan_item_id = items.plan_item_id
    inner join clinics on lines.clinic_id = clinics.clinic_id
),

final as (
    select
        cast(service_line_id as string) as service_line_id,
        cast(plan_id as string) as plan_id,
        cast(part as string) as part,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(case when original_line_id is null and quantity >= 0 then local_date end as date) as worked_on,
        cast(greatest(local_date, known_from) as date) as counts_from,
        cast(known_until as date) as counts_until
    from placed
    where greatest(local_date, known_from) < known_until
)

select * from final
