with

source as (
    {{ known_versions(
        'payments', ['payment_id'],
        ['paid_at', 'status'],
        known_at_once=true
    ) }}
),

final as (
    select
        cast({{ qualified_id('payment_id') }} as string) as payment_id,
        cast(_source as string) as source_id,
        cast(status as string) as payment_status,
        cast(paid_at as timestamp) as paid_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
