{%- set kinds = ['network', 'clinic', 'specialty'] -%}
with

lines as (
    select * from {{ ref('int_lines__performed') }}
    where patient_id is not null
),

-- A complaint visit is never a paid one, whatever was written on it.
patient_days as (
    select
        source_id,
        clinic_id,
        specialty,
        patient_id,
        currency,
        local_date,
        max(case when net_amount > 0 and not is_complaint then 1 else 0 end) as is_paid,
        sum(net_amount) as net_amount,
        sum(direct_cost_amount) as direct_cost_amount
    from lines
    group by source_id, clinic_id, specialty, patient_id, currency, local_date
),

-- One visit a clinic and day, however many specialties take part in it.
visit_days as (
    select
        scope_id,
        clinic_id,
        patient_id,
        local_date,
        max(is_paid) as is_paid,
        sum(net_amount) as net_amount,
        sum(direct_cost_amount) as direct_cost_amount
    from ({{ in_scopes('patient_days', kinds) }}) as scoped
    group by scope_id, clinic_id, patient_id, local_date
),

patient_months as (
    select
        scope_id,
        patient_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        sum(is_paid) as paid_visits,
        max(case when is_paid = 1 then local_date end) as last_paid_on,
        sum(net_amount) as net_amount,
        sum(direct_cost_amount) as direct_cost_amount
    from visit_days
    group by scope_id, patient_id, {{ period_start_of('month', 'local_date') }}
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(patient_id as string) as patient_id,
        cast('month' as string) as period_kind,
        cast(paid_visits as bigint) as paid_visits,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(direct_cost_amount as decimal(38, 6)) as direct_cost_amount,
        cast(period_start as date) as period_start,
        cast(last_paid_on as date) as last_paid_on,
        cast(
            min(case when paid_visits > 0 then period_start end) over (partition by scope_id, patient_id) as date
        ) as first_paid_month
    from patient_months
)

select * from final
