with

source as (
    {{ latest_version(
        'payments', ['payment_id'], updated_at='updated_at',
        renamed={'patient_id': 'patients'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('payment_id') }} as string) as payment_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast(_source as string) as source_id,
        cast(payer as string) as payer,
        cast(payment_kind as string) as payment_kind,
        cast(method as string) as method,
        cast(status as string) as payment_status,
        cast(payment_amount as decimal(18, 2)) as payment_amount,
        cast(paid_at as timestamp) as paid_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
