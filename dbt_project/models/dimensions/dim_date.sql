with

days as (
    select distinct local_date from {{ ref('int_clinic_days') }}
),

final as (
    select
        cast(local_date as date) as local_date,
        cast(extract(year from local_date) as integer) as calendar_year,
        cast(extract(quarter from local_date) as integer) as calendar_quarter,
        cast(extract(month from local_date) as integer) as calendar_month,
        cast({{ iso_weekday('local_date') }} as integer) as iso_weekday,
        cast({{ iso_weekday('local_date') }} >= 6 as boolean) as is_weekend,
        cast({{ dbt.date_trunc('year', 'local_date') }} as date) as year_start,
        cast({{ dbt.date_trunc('quarter', 'local_date') }} as date) as quarter_start,
        cast({{ dbt.date_trunc('month', 'local_date') }} as date) as month_start,
        cast({{ add_days('local_date', '1 - ' ~ iso_weekday('local_date')) }} as date) as week_start
    from days
)

select * from final
