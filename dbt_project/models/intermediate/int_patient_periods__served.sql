with

patient_days as (
    select * from {{ ref('int_patient_days__served') }}
),

period_days as (
    select * from {{ ref('int_periods__days') }}
),

-- The paid visit before: on an earlier date, or on the same one in another clinic.
compared as (
    select
        *,
        max(case when is_paid then local_date end) over (
            partition by scope_id, patient_id
            order by local_date, clinic_id
            rows between unbounded preceding and 1 preceding
        ) as previous_paid_on
    from patient_days
),

-- The first visit of a period tells when the patient was here before it; the later ones have an earlier one within it.
periods as (
    select
        compared.scope_id,
        period_days.period_kind,
        period_days.period_start,
        compared.patient_id,
        sum(compared.net_amount) as net_amount,
        sum(compared.slotted_amount) as slotted_amount,
        sum(compared.direct_cost_amount) as direct_cost_amount,
        sum(compared.complaint_direct_cost_amount) as complaint_direct_cost_amount,
        sum(case when compared.is_paid then 1 else 0 end) as paid_visits,
        max(case when compared.is_primary then 1 else 0 end) as is_primary,
        max(case when compared.is_primary_with_lead then 1 else 0 end) as is_primary_with_lead,
        min(case when compared.is_paid then coalesce(compared.previous_paid_on, {{ beginning_of_time() }}) end)
            as previous_paid_on
    from compared
    inner join period_days on compared.local_date = period_days.local_date
    group by compared.scope_id, period_days.period_kind, period_days.period_start, compared.patient_id
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(period_kind as string) as period_kind,
        cast(patient_id as string) as patient_id,
        cast(paid_visits > 0 as boolean) as is_paid,
        cast(is_primary = 1 as boolean) as is_primary,
        cast(is_primary_with_lead = 1 as boolean) as is_primary_with_lead,
        cast(paid_visits as bigint) as paid_visits,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(slotted_amount as decimal(18, 2)) as slotted_amount,
        cast(direct_cost_amount as decimal(38, 6)) as direct_cost_amount,
        cast(complaint_direct_cost_amount as decimal(38, 6)) as complaint_direct_cost_amount,
        cast(nullif(previous_paid_on, {{ beginning_of_time() }}) as date) as previous_paid_on,
        cast(period_start as date) as period_start
    from periods
)

select * from final
