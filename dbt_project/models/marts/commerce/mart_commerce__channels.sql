{%- set kinds = ['network', 'clinic'] -%}
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
    {{ available_metrics('mart_commerce__channels') }}
),

patient_periods as (
    select * from {{ ref('int_patient_periods__served') }}
    where is_primary
),

patient_days as (
    select * from {{ ref('int_patient_days__served') }}
),

acquired as (
    select * from {{ ref('int_patients__acquired') }}
),

channel_days as (
    select * from {{ ref('int_channel_days__attracted') }}
),

cohort as (
    select
        patient_periods.*,
        coalesce(acquired.channel, '(none)') as channel
    from patient_periods
    inner join scope_periods using (scope_id, period_kind, period_start)
    left join acquired on patient_periods.patient_id = acquired.patient_id
),

patients as (
    select
        scope_id,
        period_kind,
        period_start,
        channel,
        count(*) as primary_patients,
        sum(net_amount) as revenue_primary_amount,
        sum(direct_cost_amount) as primary_direct_cost_amount
    from cohort
    group by scope_id, period_kind, period_start, channel
),

-- From the first day of the period that made them primary.
lifetimes as (
    select
        cohort.scope_id,
        cohort.period_kind,
        cohort.period_start,
        cohort.channel,
        sum(patient_days.net_amount) as lifetime_revenue_amount,
        sum(patient_days.direct_cost_amount) as lifetime_direct_cost_amount
    from cohort
    inner join patient_days
        on
            cohort.scope_id = patient_days.scope_id
            and cohort.patient_id = patient_days.patient_id
            and cohort.period_start <= patient_days.local_date
    group by cohort.scope_id, cohort.period_kind, cohort.period_start, cohort.channel
),

attracted as (
    {{ sum_by_scope_and_period('channel_days', kinds, attraction, ['channel']) }}
),

channels as (
    select
        scope_id,
        channel
    from attracted
    union
    select
        scope_id,
        channel
    from patients
),

measured as (
    select
        {{ available_measures('mart_commerce__channels') }},
        channel,
        scope_periods.*
    from scope_periods
    inner join channels using (scope_id)
    left join available on scope_periods.source_id = available.source_id
    {%- for part in ['patients', 'lifetimes', 'attracted'] %}
    left join {{ part }} using (scope_id, period_kind, period_start, channel)
    {%- endfor %}
),

final as (
    select
        {{ metric_columns('mart_commerce__channels') }},
        cast(channel as string) as channel,
        {{ scope_and_period_columns() }}
    from measured
)

select * from final
