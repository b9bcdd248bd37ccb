with

source as (
    {{ latest_version('services', ['service_id'], renamed={'service_id': 'services' }) }}
),

final as (
    select
        cast({{ qualified_id('service_id') }} as string) as service_id,
        cast(_source as string) as source_id,
        cast(service_name as string) as service_name,
        cast(service_category as string) as service_category,
        cast(stage as string) as service_stage,
        cast(norm_minutes as decimal(18, 4)) as norm_minutes,
        cast(norm_direct_cost_amount as decimal(18, 2)) as norm_direct_cost_amount,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
