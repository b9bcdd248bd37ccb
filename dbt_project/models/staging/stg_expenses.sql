with

source as (
    {{ latest_version('expenses', ['expense_id'], updated_at='updated_at') }}
),

final as (
    select
        cast({{ qualified_id('expense_id') }} as string) as expense_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(expense_kind as string) as expense_kind,
        cast(expense_amount as decimal(18, 2)) as expense_amount,
        cast(expense_date as date) as expense_date,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
