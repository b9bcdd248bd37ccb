with

source as (
    {{ latest_version('id_changes', ['entity', 'old_id'], updated_at='updated_at') }}
),

final as (
    select
        cast(_source as string) as source_id,
        cast(entity as string) as entity,
        cast({{ qualified_id('old_id') }} as string) as old_id,
        cast({{ qualified_id('new_id') }} as string) as new_id,
        cast(changed_on as date) as changed_on,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
