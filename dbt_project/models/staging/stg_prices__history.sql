with

source as (
    {{ version_history(
        'prices', ['service_id', 'clinic_id', 'fee_level', 'valid_from'],
        ['price_amount'],
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
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from source
)

select * from final
