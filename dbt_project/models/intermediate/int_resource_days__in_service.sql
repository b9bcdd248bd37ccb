with

resources as (
    select * from {{ ref('dim_resource_history') }}
),

clinic_days as (
    select * from {{ ref('int_clinic_days') }}
),

final as (
    select
        cast(resources.resource_id as string) as resource_id,
        cast(resources.clinic_id as string) as clinic_id,
        cast(resources.source_id as string) as source_id,
        cast(resources.resource_kind as string) as resource_kind,
        cast(resources.is_capacity as boolean) as is_capacity,
        cast(clinic_days.local_date as date) as local_date
    from resources
    inner join clinic_days
        on
            resources.clinic_id = clinic_days.clinic_id
            and {{ is_version_of('resources', 'clinic_days.local_date') }}
            and clinic_days.local_date < coalesce(resources.removed_on, {{ add_days('clinic_days.local_date', 1) }})
            and clinic_days.local_date >= coalesce(resources.valid_from, clinic_days.local_date)
            and clinic_days.local_date <= coalesce(resources.valid_to, clinic_days.local_date)
            -- Nights are the work of a bed.
            and (clinic_days.is_worked or resources.resource_kind = 'bed')
)

select * from final
