with

clinics as (
    select * from {{ ref('dim_clinic') }}
),

lines as (
    select * from {{ ref('int_lines__performed') }}
),

appointments as (
    select * from {{ ref('int_appointments__placed') }}
    where is_attended
),

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

export_days as (
    select * from {{ source('ops', 'export_days') }}
),

timed_lines as (
    select
        lines.clinic_id,
        lines.local_date,
        extract(hour from {{ to_local('lines.performed_at', 'clinics.time_zone') }}) as local_hour,
        lines.net_amount,
        case when lines.net_amount > 0 and not lines.is_complaint then lines.patient_id end as paying_patient_id
    from lines
    inner join clinics on lines.clinic_id = clinics.clinic_id
),

-- A paid visit belongs to the hour of its first paid line.
paid_visits as (
    select
        clinic_id,
        local_date,
        paying_patient_id,
        min(local_hour) as local_hour
    from timed_lines
    where paying_patient_id is not null
    group by clinic_id, local_date, paying_patient_id
),

events as (
    select
        clinic_id,
        local_date,
        local_hour,
        net_amount,
        0 as paid_visits,
        0 as visits
    from timed_lines
    union all
    select
        clinic_id,
        local_date,
        local_hour,
        0 as net_amount,
        1 as paid_visits,
        0 as visits
    from paid_visits
    union all
    select
        appointments.clinic_id,
        appointments.local_date,
        extract(hour from {{ to_local('appointments.starts_at', 'clinics.time_zone') }}) as local_hour,
        0 as net_amount,
        0 as paid_visits,
        1 as visits
    from appointments
    inner join clinics on appointments.clinic_id = clinics.clinic_id
),

sums as (
    select
        clinic_id,
        local_date,
        local_hour,
        sum(net_amount) as net_amount,
        sum(paid_visits) as paid_visits,
        sum(visits) as visits
    from events
    group by clinic_id, local_date, local_hour
),

spans as (
    select
        sums.clinic_id,
        min(sums.local_date) as first_date,
        max(export_days.export_date) as last_date
    from sums
    inner join clinics on sums.clinic_id = clinics.clinic_id
    inner join export_days on clinics.source_id = export_days._source
    group by sums.clinic_id
),

-- Days before the first work and after the last export would thin out whatever they belong to. A day without work
-- is there, in its first hour.
final as (
    select
        cast(clinic_days.clinic_id as string) as clinic_id,
        cast(clinic_days.source_id as string) as source_id,
        cast(clinic_days.currency as string) as currency,
        cast(coalesce(sums.local_hour, 0) as bigint) as local_hour,
        cast(coalesce(sums.paid_visits, 0) as bigint) as paid_visits,
        cast(coalesce(sums.visits, 0) as bigint) as visits,
        cast(coalesce(sums.net_amount, 0) as decimal(18, 2)) as net_amount,
        cast(clinic_days.local_date as date) as local_date
    from clinic_days
    inner join spans on clinic_days.clinic_id = spans.clinic_id
    left join sums on clinic_days.clinic_id = sums.clinic_id and clinic_days.local_date = sums.local_date
    where clinic_days.local_date >= spans.first_date and clinic_days.local_date <= spans.last_date
)

select * from final
