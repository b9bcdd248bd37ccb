with

source as (
    {{ latest_version(
        'employee_scores', ['employee_id', 'score_month', 'score_code'], updated_at='updated_at',
        renamed={'employee_id': 'employees'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast(_source as string) as source_id,
        cast(score_code as string) as score_code,
        cast(score_value as decimal(18, 4)) as score_value,
        cast(score_month as date) as score_month,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
