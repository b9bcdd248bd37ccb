with

metrics as (
    select * from {{ ref('metrics') }}
),

final as (
    select
        cast(domain as string) as domain,
        cast(metric as string) as metric,
        cast(label as string) as label,
        cast(label_ru as string) as label_ru,
        cast(description as string) as description,
        cast(formula as string) as formula,
        cast(parent as string) as parent,
        cast(unit as string) as unit,
        cast(additive as string) as additive,
        cast(direction as string) as direction,
        cast(provenance as string) as provenance,
        cast(parameters as string) as parameters,
        cast(kpi_number as integer) as kpi_number
    from metrics
)

select * from final
