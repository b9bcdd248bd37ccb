{# Presented plans, and whether all their required items have been performed by today. #}
with

plans as (
    select
        plans.*,
        employees.specialty
    from {{ ref('fct_plans') }} as plans
    left join {{ ref('dim_employee_history') }} as employees
        on plans.employee_id = employees.employee_id and {{ is_version_of('employees', 'plans.local_date') }}
    where plans.local_date is not null
),

items as (
    select
        *,
        {{ plan_part() }} as part
    from {{ ref('fct_plan_items') }}
),

performed as (
    select
        items.plan_id,
        items.part,
        sum(lines.quantity) as quantity
    from {{ ref('int_lines__performed') }} as lines
    inner join items on lines.plan_item_id = items.plan_item_id
    group by items.plan_id, items.part
),

-- The version in force last says what is required.
required as (
    select
        plan_id,
        part,
        sum(quantity) as quantity
    from items
    where is_required and is_open_choice and version_presented_on is not null and version_replaced_on is null
    group by plan_id, part
),

compared as (
    select
        required.plan_id,
        min(case when coalesce(performed.quantity, 0) >= required.quantity then 1 else 0 end) as completed
    from required
    left join performed on required.plan_id = performed.plan_id and required.part = performed.part
    group by required.plan_id
),

final as (
    select
        cast(plans.plan_id as string) as plan_id,
        cast(plans.source_id as string) as source_id,
        cast(plans.currency as string) as currency,
        cast(plans.clinic_id as string) as clinic_id,
        cast(plans.specialty as string) as specialty,
        cast(plans.employee_id as string) as employee_id,
        cast(coalesce(compared.completed = 1, false) as boolean) as is_completed,
        cast(plans.presented_amount as decimal(18, 2)) as presented_amount,
        cast(plans.local_date as date) as local_date
    from plans
    left join compared on plans.plan_id = compared.plan_id
)

select * from final
