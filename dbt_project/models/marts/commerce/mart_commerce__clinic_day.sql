with

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

available as (
    {{ available_metrics('mart_commerce__clinic_day') }}
),

service_lines as (
    select * from {{ ref('fct_service_lines') }}
    where is_performed
),

paid_visits as (
    select * from {{ ref('int_visits__paid') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

attraction as (
    select * from {{ ref('int_clinic_days__attracted') }}
),

patients as (
    select * from paid_visits
    where local_date = first_paid_on
),

-- A patient is primary for the whole period of the first paid visit; here the period is the day.
revenues as (
    select
        service_lines.clinic_id,
        service_lines.local_date,
        sum(service_lines.net_amount) as revenue_amount,
        sum(case when patients.first_paid_on = service_lines.local_date then service_lines.net_amount else 0 end)
            as revenue_primary_amount,
        sum(
            case
                when patients.first_paid_on = service_lines.local_date or service_lines.patient_id is null then 0
                else service_lines.net_amount
            end
        ) as revenue_secondary_amount,
        sum(case when service_lines.patient_id is null then service_lines.net_amount else 0 end)
            as revenue_unattributed_amount
    from service_lines
    left join patients
        on service_lines.clinic_id = patients.clinic_id and service_lines.patient_id = patients.patient_id
    group by service_lines.clinic_id, service_lines.local_date
),

visits as (
    select
        clinic_id,
        local_date,
        count(*) as paid_visits,
        {{ count_if('local_date = first_paid_on') }} as primary_patients,
        {{ count_if('local_date > first_paid_on') }} as secondary_patients
    from paid_visits
    group by clinic_id, local_date
),

complaints as (
    select
        clinic_id,
        local_date,
        count(*) as complaint_visits
    from appointments
    where is_attended and is_complaint
    group by clinic_id, local_date
),

measured as (
    select
        {%- for metric in [
            'primary_patients', 'secondary_patients', 'paid_visits', 'complaint_visits', 'leads', 'leads_booked',
            'first_bookings_due', 'first_bookings_attended', 'marketing_spend_amount', 'revenue_amount',
            'revenue_primary_amount', 'revenue_secondary_amount', 'revenue_unattributed_amount'
        ] %}
        {{ where_available(metric, metric) }} as {{ metric }},
        {%- endfor %}
        clinic_days.clinic_id,
        clinic_days.source_id,
        clinic_days.currency,
        clinic_days.local_date
    from clinic_days
    left join available on clinic_days.source_id = available.source_id
    {%- for part in ['revenues', 'visits', 'complaints', 'attraction'] %}
    left join {{ part }} using (clinic_id, local_date)
    {%- endfor %}
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {%- for count in [
            'primary_patients', 'secondary_patients', 'paid_visits', 'complaint_visits', 'leads', 'leads_booked',
            'first_bookings_due', 'first_bookings_attended'
        ] %}
        {{ as_count(count) }} as {{ count }},
        {%- endfor %}
        {{ exact_quotient('leads_booked', 'leads') }} as lead_to_booking_rate,
        {{ exact_quotient('first_bookings_attended', 'first_bookings_due') }} as show_rate,
        {{ exact_quotient('revenue_primary_amount', 'revenue_amount') }} as primary_revenue_share,
        {{ as_amount('revenue_amount') }} as revenue_amount,
        {{ as_amount('revenue_primary_amount') }} as revenue_primary_amount,
        {{ as_amount('revenue_secondary_amount') }} as revenue_secondary_amount,
        {{ as_amount('revenue_unattributed_amount') }} as revenue_unattributed_amount,
        {{ as_amount('marketing_spend_amount') }} as marketing_spend_amount,
        {{ money_quotient('revenue_primary_amount', 'primary_patients') }} as revenue_per_primary,
        {{ money_quotient('revenue_secondary_amount', 'secondary_patients') }} as revenue_per_secondary,
        {{ money_quotient('revenue_amount', 'paid_visits') }} as avg_visit_value,
        {{ money_quotient('marketing_spend_amount', 'leads') }} as cost_per_lead,
        cast(local_date as date) as local_date
    from measured
)

select * from final
