with

source as (
    {{ version_history(
        'clinics', ['clinic_id'],
        ['clinic_name', 'city', 'time_zone', 'currency', 'opened_on', 'closed_on']
    ) }}
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
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from source
)

select * from final
