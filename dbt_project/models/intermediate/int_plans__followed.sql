{# Presented plans, with what tells their scopes, and whether anything may still come of them. #}
with

plans as (
    select * from {{ ref('fct_plans') }}
    where local_date is not null
),

service_lines as (
    select * from {{ ref('int_lines__performed') }}
    where plan_id is not null
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

-- Money of another currency is no part of the plan's.
revenues as (
    select
        plan_id,
        currency,
        sum(net_amount) as performed_amount
    from service_lines
    group by plan_id, currency
),

worked as (
    select
        plan_id,
        max(local_date) as last_worked_on
    from service_lines
    where not is_refund
    group by plan_id
),

activities as (
    select
        plans.*,
        export_days.last_export_date,
        {{ local_date('plans.closed_at', 'plans.time_zone') }} as closed_on,
        greatest(plans.local_date, coalesce(worked.last_worked_on, plans.local_date)) as last_active_on
    from plans
    inner join export_days on plans.source_id = export_days.source_id
    left join worked on plans.plan_id = worked.plan_id
),

final as (
    select
        cast(activities.plan_id as string) as plan_id,
        cast(activities.source_id as string) as source_id,
        cast(activities.clinic_id as string) as clinic_id,
        cast(employees.specialty as string) as specialty,
        cast(activities.employee_id as string) as employee_id,
        cast(activities.appointment_id as string) as appointment_id,
        cast(activities.programme as string) as programme,
        cast(activities.currency as string) as currency,
        cast(
            case
                when activities.closed_on is not null then activities.closed_on > activities.last_export_date
                else coalesce(activities.plan_status, 'presented') not in ('completed', 'abandoned')
            end
            and {{ add_months('activities.last_active_on', var('plan_dormancy_months')) }} > activities.last_export_date
            as boolean
        ) as is_open,
        cast(activities.presented_items as bigint) as presented_items,
        cast(activities.presented_amount as decimal(18, 2)) as presented_amount,
        cast(activities.planned_cost_amount as decimal(18, 2)) as planned_cost_amount,
        cast(activities.accepted_amount as decimal(18, 2)) as accepted_amount,
        cast(coalesce(revenues.performed_amount, 0) as decimal(18, 2)) as performed_amount,
        cast(activities.local_date as date) as local_date,
        cast(activities.last_active_on as date) as last_active_on,
        cast(activities.closed_on as date) as closed_on,
        cast(activities.last_export_date as date) as last_export_date
    from activities
    left join employees
        on
            activities.employee_id = employees.employee_id
            and {{ is_version_of('employees', 'activities.local_date') }}
    left join revenues
        on activities.plan_id = revenues.plan_id and activities.currency = revenues.currency
)

select * from final
