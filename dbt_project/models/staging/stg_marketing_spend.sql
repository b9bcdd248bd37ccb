with

source as (
    {{ latest_version('marketing_spend', ['clinic_id', 'spend_date', 'channel'], updated_at='updated_at') }}
),

final as (
    select
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(channel as string) as channel,
        cast(spend_amount as decimal(18, 2)) as spend_amount,
        cast(spend_date as date) as spend_date,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
