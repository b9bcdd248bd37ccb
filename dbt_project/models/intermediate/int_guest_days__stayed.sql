with

stays as (
    select * from {{ ref('fct_stays') }}
    where is_counted
),

lines as (
    select * from {{ ref('int_lines__performed') }}
),

-- The day of departure is a day of the stay, and no night of it.
days as (
    select
        source_id,
        clinic_id,
        patient_id,
        currency,
        nights_until,
        {{ each_day(
            'local_date',
            'case when departed_on = nights_until then departed_on else ' ~ add_days('nights_until', -1) ~ ' end'
        ) }} as local_date
    from stays
),

-- A guest who leaves one stay and comes for another on one day is one guest on that day.
guest_days as (
    select
        source_id,
        clinic_id,
        patient_id,
        currency,
        local_date,
        count(*) as days,
        {{ count_if('local_date < nights_until') }} as nights
    from days
    group by source_id, clinic_id, patient_id, currency, local_date
),

services as (
    select
        clinic_id,
        patient_id,
        local_date,
        {{ count_if("not is_refund and service_stage in ('diagnostics', 'treatment', 'rehabilitation')") }}
            as procedures,
        {{ count_if(
            "not is_refund and service_stage in ('diagnostics', 'treatment', 'rehabilitation') and net_amount > 0"
        ) }} as paid_procedures,
        sum(net_amount) as net_amount
    from lines
    where patient_id is not null
    group by clinic_id, patient_id, local_date
),

final as (
    select
        cast(guest_days.source_id as string) as source_id,
        cast(guest_days.clinic_id as string) as clinic_id,
        cast(guest_days.patient_id as string) as patient_id,
        cast(guest_days.currency as string) as currency,
        cast(guest_days.days as bigint) as days,
        cast(guest_days.nights as bigint) as nights,
        cast(coalesce(services.procedures, 0) as bigint) as procedures,
        cast(coalesce(services.paid_procedures, 0) as bigint) as paid_procedures,
        cast(coalesce(services.net_amount, 0) as decimal(18, 2)) as services_amount,
        cast(guest_days.local_date as date) as local_date
    from guest_days
    left join services
        on
            guest_days.clinic_id = services.clinic_id
            and guest_days.patient_id = services.patient_id
            and guest_days.local_date = services.local_date
)

select * from final
