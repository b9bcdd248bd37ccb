{#
  What is still to be done of a plan, and how long that stays so. A part of a plan is a group of alternatives, or else a service: in a new
  version its items have new ids, and what was done on the old ones still counts.
#}
with

plans as (
    select
        plans.*,
        employees.specialty,
        case
            when plans.closed_at is not null then {{ local_date('plans.closed_at', 'plans.time_zone') }}
            -- Closed on a day that nobody knows: it never counts as open.
            when plans.plan_status in ('completed', 'abandoned') then plans.local_date
        end as closed_on
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
        lines.local_date,
        sum(lines.quantity) as quantity,
        max(case when lines.is_refund then null else lines.local_date end) as worked_on
    from {{ ref('int_lines__performed') }} as lines
    inner join items on lines.plan_item_id = items.plan_item_id
    group by items.plan_id, items.part, lines.local_date
),

changes as (
    {%- for relation, day in [
        ('plans', 'local_date'), ('items', 'version_presented_on'), ('items', 'declined_on'), ('performed', 'local_date')
    ] %}
    {{ 'union' if not loop.first }}
    select
        plan_id,
        {{ day }} as local_date
    from {{ relation }}
    {%- endfor %}
),

days_of_change as (
    select
        plans.plan_id,
        changes.local_date
    from plans
    inner join changes on plans.plan_id = changes.plan_id and plans.local_date <= changes.local_date
),

planned as (
    select
        days_of_change.plan_id,
        days_of_change.local_date,
        items.part,
        sum(items.quantity) as quantity,
        sum(items.item_amount) as item_amount
    from days_of_change
    inner join items on days_of_change.plan_id = items.plan_id
    where
        items.is_open_choice
        and items.version_presented_on <= days_of_change.local_date
        and coalesce(items.version_replaced_on, cast('9999-12-31' as date)) > days_of_change.local_date
        and coalesce(items.declined_on, cast('9999-12-31' as date)) > days_of_change.local_date
    group by days_of_change.plan_id, days_of_change.local_date, items.part
),

done as (
    select
        days_of_change.plan_id,
        days_of_change.local_date,
        performed.part,
        sum(performed.quantity) as quantity
    from days_of_change
    inner join performed
        on days_of_change.plan_id = performed.plan_id and days_of_change.local_date >= performed.local_date
    group by days_of_change.plan_id, days_of_change.local_date, performed.part
),

worked as (
    select
        days_of_change.plan_id,
        days_of_change.local_date,
        max(performed.worked_on) as worked_on
    from days_of_change
    inner join performed
        on days_of_change.plan_id = performed.plan_id and days_of_change.local_date >= performed.worked_on
    group by days_of_change.plan_id, days_of_change.local_date
),

remaining as (
    select
        planned.plan_id,
        planned.local_date,
        sum({{ exact_quotient(
            'planned.item_amount * (planned.quantity - greatest(coalesce(done.quantity, 0), 0))',
            'planned.quantity', scale=2, input_scale=6
        ) }}) as remaining_amount
    from planned
    left join done using (plan_id, local_date, part)
    where planned.quantity > coalesce(done.quantity, 0)
    group by planned.plan_id, planned.local_date
),

spans as (
    select
        plans.*,
        remaining.remaining_amount,
        days_of_change.local_date as open_from,
        least(
            lead(days_of_change.local_date, 1, cast('9999-12-31' as date))
                over (partition by days_of_change.plan_id order by days_of_change.local_date),
            {{ add_months(
                'greatest(plans.local_date, coalesce(worked.worked_on, plans.local_date))', var('plan_dormancy_months')
            ) }},
            coalesce(plans.closed_on, cast('9999-12-31' as date))
        ) as open_until
    from days_of_change
    inner join plans on days_of_change.plan_id = plans.plan_id
    left join worked
        on days_of_change.plan_id = worked.plan_id and days_of_change.local_date = worked.local_date
    left join remaining
        on days_of_change.plan_id = remaining.plan_id and days_of_change.local_date = remaining.local_date
),

final as (
    select
        cast(plan_id as string) as plan_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(specialty as string) as specialty,
        cast(employee_id as string) as employee_id,
        cast(patient_id as string) as patient_id,
        cast(remaining_amount as decimal(18, 2)) as remaining_amount,
        cast(open_from as date) as open_from,
        cast(open_until as date) as open_until
    from spans
    where remaining_amount is not null and open_until > open_from
)

select * from final
