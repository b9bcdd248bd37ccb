{#
  Consultations of scopes and periods, and what they lead to. Apart from the tree, because a plan is one "of the period" only together with
  its consultation, so that the days of a month do not sum to the month.
#}
{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
with

appointments as (
    select * from {{ ref('int_appointments__placed') }}
    where is_attended and visit_kind = 'consultation'
),

plans as (
    select * from {{ ref('int_plans__followed') }}
),

-- A plan belongs to its consultation if it was presented on that day or within the window after it.
planned_appointments as (
    select distinct appointments.appointment_id
    from appointments
    inner join plans on appointments.appointment_id = plans.appointment_id
    where
        plans.local_date >= appointments.local_date
        and plans.local_date <= {{ add_days('appointments.local_date', var('plan_window_days')) }}
),

consultations as (
    select
        appointments.*,
        planned_appointments.appointment_id is not null as has_plan
    from appointments
    left join planned_appointments on appointments.appointment_id = planned_appointments.appointment_id
),

visits as (
    {{ sum_by_scope_and_period('consultations', kinds, {
        'consultations': '1',
        'consultations_with_plan': 'case when has_plan then 1 else 0 end'
    }) }}
),

-- Both in one scope and one period: what the factors of the sales potential multiply to.
pairs as (
    {%- for kind in kinds %}
    {{ 'union all' if not loop.first }}
    select
        {{ scope_id(kind, 'plans') }} as scope_id,
        consultations.appointment_id,
        consultations.local_date as consulted_on,
        plans.local_date as presented_on,
        plans.presented_amount
    from plans
    inner join consultations
        on
            plans.appointment_id = consultations.appointment_id
            and {{ scope_id(kind, 'plans') }} = {{ scope_id(kind, 'consultations') }}
            and plans.local_date >= consultations.local_date
            and plans.local_date <= {{ add_days('consultations.local_date', var('plan_window_days')) }}
    {%- endfor %}
),

planned as (
    select
        pairs.scope_id,
        presented_days.period_kind,
        presented_days.period_start,
        count(distinct pairs.appointment_id) as planned_consultations,
        count(*) as plans_from_consultations,
        sum(pairs.presented_amount) as presented_from_consultations_amount
    from pairs
    inner join {{ ref('int_periods__days') }} as presented_days on pairs.presented_on = presented_days.local_date
    inner join {{ ref('int_periods__days') }} as consulted_days
        on
            pairs.consulted_on = consulted_days.local_date
            and presented_days.period_kind = consulted_days.period_kind
            and presented_days.period_start = consulted_days.period_start
    group by pairs.scope_id, presented_days.period_kind, presented_days.period_start
),

final as (
    select
        cast(visits.scope_id as string) as scope_id,
        cast(visits.period_kind as string) as period_kind,
        cast(visits.consultations as bigint) as consultations,
        cast(visits.consultations_with_plan as bigint) as consultations_with_plan,
        cast(coalesce(planned.planned_consultations, 0) as bigint) as planned_consultations,
        cast(coalesce(planned.plans_from_consultations, 0) as bigint) as plans_from_consultations,
        cast(coalesce(planned.presented_from_consultations_amount, 0) as decimal(18, 2))
            as presented_from_consultations_amount,
        cast(visits.period_start as date) as period_start
    from visits
    left join planned
        on
            visits.scope_id = planned.scope_id
            and visits.period_kind = planned.period_kind
            and visits.period_start = planned.period_start
)

select * from final
