with

source as (
    {{ known_versions(
        'service_lines', ['service_line_id'],
        ['original_line_id', 'clinic_id', 'plan_item_id', 'performed_at', 'quantity', 'status']
    ) }}
),

final as (
    select
        cast({{ qualified_id('service_line_id') }} as string) as service_line_id,
        cast({{ qualified_id('original_line_id') }} as string) as original_line_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('plan_item_id') }} as string) as plan_item_id,
        cast(_source as string) as source_id,
        cast(status as string) as line_status,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(performed_at as timestamp) as performed_at,
        cast(known_from as date) as known_from,
        cast(known_until as date) as known_until
    from source
)

select * from final
