with

source as (
    {{ latest_version('clinics', ['clinic_id']) }}
),

final as (
    select
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(clinic_name as string) as clinic_name,
        cast(city as string) as city,
        cast(time_zone as string) as time_zone,
        cast(currency as string) as currency,
        cast(opened_on as date) as opened_on,
        cast(closed_on as date) as closed_on,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
