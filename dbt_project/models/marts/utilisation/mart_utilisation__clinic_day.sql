{#- The clinics and days of the tree. -#}
with

tree as (
    select * from {{ ref('mart_utilisation__tree') }}
    where scope_kind = 'clinic' and period_kind = 'day'
),

final as (
    select
        clinic_id,
        source_id,
        currency,
        {%- for metric in catalogue()['mart_utilisation__clinic_day'] %}
        {{ metric }},
        {%- endfor %}
        period_start as local_date
    from tree
)

select * from final
