{#- The days of the tree on which a capacity resource is in service or loaded. -#}
with

tree as (
    select * from {{ ref('mart_utilisation__tree') }}
    where scope_kind = 'resource' and period_kind = 'day'
),

resource_days as (
    select * from {{ ref('int_resource_days__loaded') }}
),

final as (
    select
        tree.clinic_id,
        tree.resource_id,
        tree.source_id,
        tree.currency,
        {%- for metric in catalogue()['mart_utilisation__resource_day'] %}
        tree.{{ metric }},
        {%- endfor %}
        tree.period_start as local_date
    from tree
    inner join resource_days
        on
            tree.clinic_id = resource_days.clinic_id
            and tree.resource_id = resource_days.resource_id
            and tree.period_start = resource_days.local_date
)

select * from final
