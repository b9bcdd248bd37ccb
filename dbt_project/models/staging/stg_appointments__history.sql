with

source as (
    {{ version_history(
        'appointments', ['appointment_id'], ['status'],
        renamed={'appointment_id': 'appointments'}
    ) }}
),

final as (
    select
        cast({{ qualified_id('appointment_id') }} as string) as appointment_id,
        cast(_source as string) as source_id,
        cast(status as string) as appointment_status,
        cast(version_from as date) as version_from,
        cast(version_to as date) as version_to,
        cast(removed_on as date) as removed_on
    from source
)

select * from final
