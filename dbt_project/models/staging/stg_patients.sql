with

source as (
    {{ latest_version('patients', ['patient_id']) }}
),

final as (
    select
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('merged_into_patient_id') }} as string) as merged_into_patient_id,
        cast(document_number as string) as document_number,
        cast(_source as string) as source_id,
        cast(sex as string) as sex,
        cast(channel as string) as channel,
        cast(birth_year as integer) as birth_year,
        cast(registered_on as date) as registered_on,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
