{# What is still to be done of a plan, and how long that stays so, each day as it was known. #}
with

plan_days as (
    select * from {{ ref('int_plan_days__known') }}
),

items as (
    select * from {{ ref('fct_plan_items__known') }}
),

works as (
    select * from {{ ref('fct_plan_works__known') }}
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

-- Alternatives exclude one another: the first that is not declined is the one to be done.
chosen as (
    select
        plan_days.plan_id,
        plan_days.local_date,
        items.part,
        items.quantity,
        items.item_amount,
        row_number() over (
            partition by
                plan_days.plan_id,
                plan_days.local_date,
                items.part,
                case when items.alternative_group is null then items.plan_item_id end
            order by items.item_position nulls last, items.plan_item_id
        ) as choice
    from plan_days
    inner join items
        on
            plan_days.plan_id = items.plan_id
            and plan_days.version_in_force = items.plan_version
            and plan_days.local_date >= items.counts_from
            and plan_days.local_date < items.counts_until
),

planned as (
    select
        plan_id,
        local_date,
        part,
        sum(quantity) as quantity,
        sum(item_amount) as item_amount
    from chosen
    where choice = 1
    group by plan_id, local_date, part
),

done as (
    select
        plan_days.plan_id,
        plan_days.local_date,
        works.part,
        sum(works.quantity) as quantity
    from plan_days
    inner join works
        on
            plan_days.plan_id = works.plan_id
            and plan_days.local_date >= works.counts_from
            and plan_days.local_date < works.counts_until
    group by plan_days.plan_id, plan_days.local_date, works.part
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
        *,
        least(
            lead(local_date, 1, {{ end_of_time() }}) over (partition by plan_id order by local_date),
            {{ add_months('greatest(presented_on, coalesce(worked_on, presented_on))', var('plan_dormancy_months')) }},
            coalesce(closed_on, {{ end_of_time() }})
        ) as open_until
    from plan_days
),

final as (
    select
        cast(spans.plan_id as string) as plan_id,
        cast(spans.source_id as string) as source_id,
        cast(spans.currency as string) as currency,
        cast(spans.clinic_id as string) as clinic_id,
        cast(employees.specialty as string) as specialty,
        cast(spans.employee_id as string) as employee_id,
        cast(spans.patient_id as string) as patient_id,
        cast(remaining.remaining_amount as decimal(18, 2)) as remaining_amount,
        cast(spans.local_date as date) as open_from,
        cast(spans.open_until as date) as open_until
    from spans
    inner join remaining on spans.plan_id = remaining.plan_id and spans.local_date = remaining.local_date
    left join employees
        on spans.employee_id = employees.employee_id and {{ is_version_of('employees', 'spans.presented_on') }}
    where spans.open_until > spans.local_date
)

select * from final
