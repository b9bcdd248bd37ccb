{# The tree of a clinic and a day, in one narrow table. #}
with

tree as (
    select * from {{ ref('mart_potential__tree') }}
    where scope_kind = 'clinic' and period_kind = 'day'
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        {{ catalogue()['mart_potential__clinic_day'] | join(',\n        ') }},
        cast(period_start as date) as local_date
    from tree
)

select * from final
