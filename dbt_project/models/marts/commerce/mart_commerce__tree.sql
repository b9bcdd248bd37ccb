{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
{%- set attraction = {
    'leads': 'leads',
    'leads_booked': 'leads_booked',
    'first_bookings_due': 'first_bookings_due',
    'first_bookings_attended': 'first_bookings_attended',
    'marketing_spend_amount': 'marketing_spend_amount'
} -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('{{ kinds | join("', '") }}')
),

available as (
    {{ available_metrics('mart_commerce__tree') }}
),

patient_periods as (
    select
        *,
        is_paid and not is_primary as is_secondary,
        previous_paid_on is not null and {{ add_months('previous_paid_on', var('active_base_months')) }} >= period_start
            as is_active
    from {{ ref('int_patient_periods__served') }}
),

active_bases as (
    select * from {{ ref('int_active_bases__counted') }}
),

appointments as (
    select * from {{ ref('int_appointments__placed') }}
    where is_attended and is_complaint
),

channel_days as (
    select * from {{ ref('int_channel_days__attracted') }}
),

-- A patient is primary for the whole period that holds a primary visit.
patients as (
    select
        scope_id,
        period_kind,
        period_start,
        {{ count_if('is_primary') }} as primary_patients,
        {{ count_if('is_primary_with_lead') }} as primary_patients_from_leads,
        {{ count_if('is_secondary') }} as secondary_patients,
        {{ count_if('is_secondary and is_active') }} as returned_patients,
        {{ count_if('is_secondary and not is_active and previous_paid_on is not null') }} as reactivated_patients,
        {{ count_if('is_secondary and previous_paid_on is null') }} as transferred_patients,
        sum(paid_visits) as paid_visits,
        sum(case when is_primary then paid_visits else 0 end) as primary_visits,
        sum(net_amount) as revenue_amount,
        sum(case when is_primary then net_amount else 0 end) as revenue_primary_amount,
        sum(case when is_primary or patient_id = '(none)' then 0 else net_amount end) as revenue_secondary_amount,
        sum(case when patient_id = '(none)' then net_amount else 0 end) as revenue_unattributed_amount,
        sum(case when is_primary then direct_cost_amount else 0 end) as primary_direct_cost_amount,
        sum(complaint_direct_cost_amount) as complaint_direct_cost_amount
    from patient_periods
    group by scope_id, period_kind, period_start
),

complaints as (
    {{ sum_by_scope_and_period('appointments', kinds, {
        'complaint_visits': '1', 'complaint_seconds': 'attended_seconds'
    }) }}
),

attracted as (
    {{ sum_by_scope_and_period('channel_days', ['network', 'clinic'], attraction) }}
),

measured as (
    select
        {{ available_measures('mart_commerce__tree') }},
        scope_periods.*
    from scope_periods
    left join available on scope_periods.source_id = available.source_id
    {%- for part in ['patients', 'active_bases', 'complaints', 'attracted'] %}
    left join {{ part }} using (scope_id, period_kind, period_start)
    {%- endfor %}
),

final as (
    select
        {{ metric_columns('mart_commerce__tree') }},
        {{ scope_and_period_columns() }}
    from measured
)

select * from final
