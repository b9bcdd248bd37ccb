with

source as (
    {{ latest_version('stay_charges', ['stay_id', 'night_date', 'department'], updated_at='updated_at') }}
),

final as (
    select
        cast({{ qualified_id('stay_id') }} as string) as stay_id,
        cast(_source as string) as source_id,
        cast(department as string) as department,
        cast(charge_amount as decimal(18, 2)) as charge_amount,
        cast(night_date as date) as night_date,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
