with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

available as (
    {{ available_metrics('mart_potential__clinic_day') }}
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
    where is_performed
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

plans as (
    select * from {{ ref('fct_plans') }}
),

-- The period clock: the money of the day by the origin of its plan.
revenues as (
    select
        clinic_id,
        local_date,
        sum(net_amount) as revenue_amount,
        sum(case when plan_presented_on = local_date then net_amount else 0 end) as revenue_new_plans_amount,
        sum(case when plan_presented_on < local_date then net_amount else 0 end) as revenue_earlier_plans_amount,
        sum(
            case
                when plan_item_id is null or plan_presented_on <= local_date then 0
                else net_amount
            end
        ) as revenue_unpresented_plans_amount,
        sum(case when plan_item_id is null then net_amount else 0 end) as revenue_without_plan_amount
    from service_lines
    group by clinic_id, local_date
),

-- The cohort clock: plans first presented on the day, followed until today.
performed as (
    select
        plan_id,
        sum(net_amount) as performed_amount
    from service_lines
    where plan_id is not null
    group by plan_id
),

cohorts as (
    select
        plans.clinic_id,
        plans.local_date,
        count(*) as plans_presented,
        sum(plans.presented_amount) as presented_amount,
        sum(plans.planned_cost_amount) as planned_cost_amount,
        sum(plans.presented_amount - plans.planned_cost_amount) as plan_margin_amount,
        sum(plans.accepted_amount) as accepted_amount,
        sum(coalesce(performed.performed_amount, 0)) as performed_amount
    from plans
    left join performed on plans.plan_id = performed.plan_id
    where plans.local_date is not null
    group by plans.clinic_id, plans.local_date
),

-- A plan belongs to its consultation if it was presented on that day or within the window after it.
planned_consultations as (
    select distinct appointments.appointment_id
    from appointments
    inner join plans on appointments.appointment_id = plans.appointment_id
    where
        plans.local_date >= appointments.local_date
        and plans.local_date <= {{ add_days('appointments.local_date', var('plan_window_days')) }}
),

consultations as (
    select
        appointments.clinic_id,
        appointments.local_date,
        count(*) as consultations,
        count(planned_consultations.appointment_id) as consultations_with_plan
    from appointments
    left join planned_consultations on appointments.appointment_id = planned_consultations.appointment_id
    where appointments.is_attended and appointments.visit_kind = 'consultation'
    group by appointments.clinic_id, appointments.local_date
),

measured as (
    select
        {%- for metric in [
            'consultations', 'consultations_with_plan', 'plans_presented', 'presented_amount', 'planned_cost_amount',
            'plan_margin_amount', 'accepted_amount', 'performed_amount', 'revenue_amount', 'revenue_new_plans_amount',
            'revenue_earlier_plans_amount', 'revenue_unpresented_plans_amount', 'revenue_without_plan_amount'
        ] %}
        {{ where_available(metric, metric) }} as {{ metric }},
        {%- endfor %}
        clinic_days.clinic_id,
        clinic_days.source_id,
        clinic_days.currency,
        clinic_days.local_date
    from clinic_days
    left join available on clinic_days.source_id = available.source_id
    {%- for part in ['revenues', 'cohorts', 'consultations'] %}
    left join {{ part }} using (clinic_id, local_date)
    {%- endfor %}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {{ as_count('consultations') }} as consultations,
        {{ as_count('consultations_with_plan') }} as consultations_with_plan,
        {{ as_count('plans_presented') }} as plans_presented,
        {{ exact_quotient('consultations_with_plan', 'consultations') }} as plan_rate,
        {{ exact_quotient('accepted_amount', 'presented_amount') }} as acceptance_rate,
        {{ exact_quotient('performed_amount', 'presented_amount') }} as realisation_rate,
        {%- for amount in [
            'revenue_amount', 'revenue_new_plans_amount', 'revenue_earlier_plans_amount', 'revenue_unpresented_plans_amount',
            'revenue_without_plan_amount', 'presented_amount', 'planned_cost_amount', 'plan_margin_amount', 'accepted_amount',
            'performed_amount'
        ] %}
        {{ as_amount(amount) }} as {{ amount }},
        {%- endfor %}
        {{ money_quotient('presented_amount', 'plans_presented') }} as avg_plan_value,
        cast(local_date as date) as local_date
    from measured
)

select * from final
