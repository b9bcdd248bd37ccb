{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
{%- set dormancy = var('primary_dormancy_months') -%}
{#
  Who was served where on a day, in every scope but resources, and whether it was a paid visit and a primary one. Money without a patient
  is of the patient `(none)`, so that all rows of a scope sum to its revenue.
#}
with

lines as (
    select * from {{ ref('int_lines__performed') }}
),

revenue_lines as (
    select * from {{ ref('int_lines__earned') }}
),

acquired as (
    select * from {{ ref('int_patients__acquired') }}
),

-- A complaint visit is never a paid one, whatever was written on it. Money has days of its own, and makes no visit.
events as (
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        patient_id,
        local_date,
        0 as net_amount,
        0 as slotted_amount,
        direct_cost_amount,
        case when is_complaint then direct_cost_amount else 0 end as complaint_direct_cost_amount,
        case when net_amount > 0 and not is_complaint and patient_id is not null then 1 else 0 end as is_paid
    from lines
    union all
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        patient_id,
        local_date,
        net_amount,
        case when is_slotted then net_amount else 0 end as slotted_amount,
        0 as direct_cost_amount,
        0 as complaint_direct_cost_amount,
        0 as is_paid
    from revenue_lines
),

served as (
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        patient_id,
        local_date,
        sum(net_amount) as net_amount,
        sum(slotted_amount) as slotted_amount,
        sum(direct_cost_amount) as direct_cost_amount,
        sum(complaint_direct_cost_amount) as complaint_direct_cost_amount,
        max(is_paid) as is_paid
    from events
    group by source_id, currency, clinic_id, specialty, employee_id, patient_id, local_date
),

-- Where a patient may be primary: in a network, a clinic or a specialty.
units as (
    select
        *,
        {{ scope_id(var('primary_scope')) }} as unit_id
    from served
),

paid_days as (
    select distinct
        unit_id,
        patient_id,
        local_date
    from units
    where is_paid = 1
),

compared as (
    select
        *,
        lag(local_date) over (partition by unit_id, patient_id order by local_date) as previous_date
    from paid_days
),

primary_days as (
    select * from compared
    where
        previous_date is null
        or ({{ dormancy }} > 0 and {{ add_months('previous_date', dormancy) }} <= local_date)
),

marked as (
    select
        units.*,
        case when primary_days.patient_id is not null then units.is_paid else 0 end as is_primary,
        case when acquired.first_lead_on <= units.local_date then 1 else 0 end as has_lead
    from units
    left join primary_days
        on
            units.unit_id = primary_days.unit_id
            and units.patient_id = primary_days.patient_id
            and units.local_date = primary_days.local_date
    left join acquired on units.patient_id = acquired.patient_id
),

scoped as (
    {{ in_scopes('marked', kinds) }}
),

days as (
    select
        scope_id,
        clinic_id,
        patient_id,
        local_date,
        sum(net_amount) as net_amount,
        sum(slotted_amount) as slotted_amount,
        sum(direct_cost_amount) as direct_cost_amount,
        sum(complaint_direct_cost_amount) as complaint_direct_cost_amount,
        max(is_paid) as is_paid,
        max(is_primary) as is_primary,
        max(is_primary * has_lead) as is_primary_with_lead
    from scoped
    group by scope_id, clinic_id, patient_id, local_date
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(clinic_id as string) as clinic_id,
        cast(coalesce(patient_id, '(none)') as string) as patient_id,
        cast(is_paid = 1 as boolean) as is_paid,
        cast(is_primary = 1 as boolean) as is_primary,
        cast(is_primary_with_lead = 1 as boolean) as is_primary_with_lead,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(slotted_amount as decimal(18, 2)) as slotted_amount,
        cast(direct_cost_amount as decimal(38, 6)) as direct_cost_amount,
        cast(complaint_direct_cost_amount as decimal(38, 6)) as complaint_direct_cost_amount,
        cast(local_date as date) as local_date
    from days
)

select * from final
