with

source as (
    {{ latest_version('balances', ['clinic_id', 'balance_date', 'balance_code'], updated_at='updated_at') }}
),

final as (
    select
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(balance_code as string) as balance_code,
        cast(balance_amount as decimal(18, 2)) as balance_amount,
        cast(balance_date as date) as balance_date,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
