with

tie as (
    select * from {{ ref('mart_triune__tie') }}
    where scope_kind = 'clinic' and period_kind = 'day'
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {{ metric_columns('mart_triune__clinic_day') }},
        cast(period_start as date) as local_date
    from tie
)

select * from final
