with

days as (
    select distinct local_date from {{ ref('int_clinic_days') }}
),

spread as (
    {%- for kind in ['day', 'week', 'month', 'quarter', 'year'] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ kind }}' as period_kind,
        {{ period_start_of(kind, 'local_date') }} as period_start,
        {{ period_end_of(kind, period_start_of(kind, 'local_date')) }} as period_end,
        local_date
    from days
    {%- endfor %}
),

final as (
    select
        cast(period_kind as string) as period_kind,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(local_date as date) as local_date
    from spread
)

select * from final
