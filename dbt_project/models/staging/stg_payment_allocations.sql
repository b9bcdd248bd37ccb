with

source as (
    {{ latest_version('payment_allocations', ['payment_id', 'invoice_id'], updated_at='updated_at') }}
),

final as (
    select
        cast({{ qualified_id('payment_id') }} as string) as payment_id,
        cast({{ qualified_id('invoice_id') }} as string) as invoice_id,
        cast(_source as string) as source_id,
        cast(allocated_amount as decimal(18, 2)) as allocated_amount,
        cast(allocated_at as timestamp) as allocated_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
