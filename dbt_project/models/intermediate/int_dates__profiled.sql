with

dates as (
    select distinct
        local_date,
        extract(month from local_date) * 100 + extract(day from local_date) as month_day
    from {{ ref('int_clinic_days') }}
),

seasons as (
    select
        season,
        from_month * 100 + from_day as first_day,
        to_month * 100 + to_day as last_day
    from {{ ref('seasons') }}
),

profiled as (
    {%- for kind, value in {
        'weekday': 'cast(' ~ iso_weekday('local_date') ~ ' as string)',
        'month': "right('0' || cast(extract(month from local_date) as string), 2)",
        'quarter': 'cast(extract(quarter from local_date) as string)'
    }.items() %}
    select
        local_date,
        '{{ kind }}' as dimension_kind,
        {{ value }} as dimension_value
    from dates
    union all
    {%- endfor %}
    select
        dates.local_date,
        'season' as dimension_kind,
        seasons.season as dimension_value
    from dates
    inner join seasons
        on
            (dates.month_day >= seasons.first_day and dates.month_day <= seasons.last_day)
            -- A season that runs over New Year begins later than it ends.
            or (
                seasons.first_day > seasons.last_day
                and (dates.month_day >= seasons.first_day or dates.month_day <= seasons.last_day)
            )
),

final as (
    select
        cast(dimension_kind as string) as dimension_kind,
        cast(dimension_value as string) as dimension_value,
        cast(local_date as date) as local_date
    from profiled
)

select * from final
