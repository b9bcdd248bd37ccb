with

source as (
    {{ latest_version(
        'prices', ['service_id', 'clinic_id', 'fee_level', 'valid_from'],
        renamed={'service_id': 'services'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('service_id') }} as string) as service_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(fee_level as string) as fee_level,
        cast(price_amount as decimal(18, 2)) as price_amount,
        cast(valid_from as date) as valid_from,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
