with

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),

-- A complaint visit is never a paid one, whatever was written on it.
visits as (
    select
        clinic_id,
        patient_id,
        local_date,
        sum(net_amount) as paid_amount
    from service_lines
    where is_performed and net_amount > 0 and patient_id is not null and not coalesce(is_complaint, false)
    group by clinic_id, patient_id, local_date
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(patient_id as string) as patient_id,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(local_date as date) as local_date,
        cast(min(local_date) over (partition by clinic_id, patient_id) as date) as first_paid_on
    from visits
)

select * from final
