{# Days on which patients were treated, by whom. A refund is no visit, and goods taken along are none. #}
with

lines as (
    select * from {{ ref('int_lines__performed') }}
),

counted as (
    select distinct
        source_id,
        coalesce(currency, '(none)') as currency,
        clinic_id,
        coalesce(specialty, '(none)') as specialty,
        coalesce(employee_id, '(none)') as employee_id,
        patient_id,
        local_date
    from lines
    where
        patient_id is not null
        and not is_refund
        and coalesce(service_stage, 'other') not in {{ listed('visit_excluded_stages') }}
),

final as (
    select
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(specialty as string) as specialty,
        cast(employee_id as string) as employee_id,
        cast(patient_id as string) as patient_id,
        cast(local_date = min(local_date) over (partition by patient_id) as boolean) as is_first_ever,
        cast(local_date as date) as local_date
    from counted
)

select * from final
