{# The tree of each clinic and day, and what of it can be read beside the other forms. #}
with

tree as (
    select * from {{ ref('mart_commerce__tree') }}
    where scope_kind = 'clinic' and period_kind = 'day'
),

final as (
    select
        clinic_id,
        source_id,
        currency,
        {%- for metric in catalogue()['mart_commerce__clinic_day'] %}
        {{ metric }},
        {%- endfor %}
        period_start as local_date
    from tree
)

select * from final
