with

source as (
    {{ known_versions(
        'payment_allocations', ['payment_id', 'invoice_id'],
        ['allocated_amount', 'allocated_at']
    ) }}
),

final as (
    select
        cast({{ qualified_id('payment_id') }} as string) as payment_id,
        cast({{ qualified_id('invoice_id') }} as string) as invoice_id,
        cast(_source as string) as source_id,
        cast(allocated_amount as decimal(18, 2)) as allocated_amount,
        cast(allocated_at as timestamp) as allocated_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
