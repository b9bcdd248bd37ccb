with

source as (
    {{ known_versions(
        'invoices', ['invoice_id'],
        ['clinic_id', 'issued_at', 'invoice_amount', 'status']
    ) }}
),

final as (
    select
        cast({{ qualified_id('invoice_id') }} as string) as invoice_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(status as string) as invoice_status,
        cast(invoice_amount as decimal(18, 2)) as invoice_amount,
        cast(issued_at as timestamp) as issued_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
