{#
  A table, not incremental: some arrivals a day at most, and how long a guest has been staying depends on the last export day.
#}
with

stays as (
    select * from {{ ref('stg_stays') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

-- A booking that has not come true is no stay. A guest in house has stayed until the last export day, its night too.
bounded as (
    select
        stays.*,
        clinics.currency,
        export_days.last_export_date,
        coalesce(stays.stay_status, 'departed') in ('in_house', 'departed') as is_counted,
        case
            when stays.departed_on <= export_days.last_export_date then stays.departed_on
            when coalesce(stays.stay_status, 'in_house') = 'in_house'
                then {{ add_days('export_days.last_export_date', 1) }}
        end as nights_until
    from stays
    inner join clinics on stays.clinic_id = clinics.clinic_id
    inner join export_days on stays.source_id = export_days.source_id
),

final as (
    select
        cast(stay_id as string) as stay_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(patient_id as string) as patient_id,
        cast(resource_id as string) as resource_id,
        cast(package as string) as package,
        cast(stay_status as string) as stay_status,
        cast(currency as string) as currency,
        cast(is_counted and arrived_on <= last_export_date and nights_until is not null as boolean) as is_counted,
        cast(arrived_on as date) as local_date,
        cast(departed_on as date) as departed_on,
        cast(nights_until as date) as nights_until
    from bounded
)

select * from final
