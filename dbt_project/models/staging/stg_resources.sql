with

source as (
    {{ latest_version('resources', ['resource_id'], renamed={'resource_id': 'resources' }) }}
),

final as (
    select
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id,
        cast(resource_name as string) as resource_name,
        cast(resource_kind as string) as resource_kind,
        cast(specialty as string) as specialty,
        cast(is_capacity as boolean) as is_capacity,
        cast(purchase_cost_amount as decimal(18, 2)) as purchase_cost_amount,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
