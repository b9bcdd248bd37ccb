{#
  A table, not incremental: a card has no day. A fact and not a dimension, because dimensions are published and a patient is not.
#}
with

patients as (
    select * from {{ ref('stg_patients') }}
),

final as (
    select
        cast(patient_id as string) as patient_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(channel as string) as channel,
        cast(sex as string) as sex,
        cast(birth_year as integer) as birth_year,
        cast(registered_on as date) as registered_on
    from patients
)

select * from final
