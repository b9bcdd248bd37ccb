with

resource_days as (
    select * from {{ ref('int_resource_days__in_service') }}
    where resource_kind = 'bed'
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

stays as (
    select * from {{ ref('fct_stays') }}
    where is_counted
),

closures as (
    select * from {{ ref('fct_openings') }}
    where rule_kind = 'out_of_service'
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

closed_seconds as (
    {{ union_seconds('closures', ['resource_id', 'local_date']) }}
),

nights as (
    select
        clinic_id,
        resource_id,
        stay_id,
        {{ each_day('local_date', add_days('nights_until', -1)) }} as local_date
    from stays
),

sold as (
    select
        clinic_id,
        local_date,
        count(distinct coalesce(resource_id, stay_id)) as beds_sold
    from nights
    group by clinic_id, local_date
),

sold_beds as (
    select distinct
        resource_id,
        local_date
    from nights
),

-- A bed that was sold all the same was not out of order.
beds as (
    select
        resource_days.clinic_id,
        resource_days.local_date,
        count(*) as beds,
        {{ count_if(
            'closed_seconds.union_seconds >= ' ~ 3600 * var('out_of_order_hours') ~ ' and sold_beds.resource_id is null'
        ) }} as beds_out_of_order
    from resource_days
    inner join export_days on resource_days.source_id = export_days.source_id
    left join closed_seconds
        on
            resource_days.resource_id = closed_seconds.resource_id
            and resource_days.local_date = closed_seconds.local_date
    left join sold_beds
        on resource_days.resource_id = sold_beds.resource_id and resource_days.local_date = sold_beds.local_date
    where resource_days.local_date <= export_days.last_export_date
    group by resource_days.clinic_id, resource_days.local_date
),

final as (
    select
        cast(clinics.source_id as string) as source_id,
        cast(clinics.clinic_id as string) as clinic_id,
        cast(clinics.currency as string) as currency,
        cast(coalesce(beds.beds, 0) as bigint) as beds,
        cast(coalesce(beds.beds_out_of_order, 0) as bigint) as beds_out_of_order,
        cast(coalesce(sold.beds_sold, 0) as bigint) as beds_sold,
        cast(coalesce(beds.local_date, sold.local_date) as date) as local_date
    from beds
    full outer join sold on beds.clinic_id = sold.clinic_id and beds.local_date = sold.local_date
    inner join clinics on coalesce(beds.clinic_id, sold.clinic_id) = clinics.clinic_id
)

select * from final
