with

loads as (
    select * from {{ ref('int_hours__taken') }}
),

slotted_lines as (
    select * from {{ ref('int_lines__earned') }}
    where is_slotted
),

room_hours as (
    select * from {{ ref('fct_room_hours') }}
    where is_capacity
),

resources as (
    select * from {{ ref('dim_resource_history') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

loaded as (
    {{ loaded_seconds('loads', ['clinic_id', 'resource_id', 'local_date']) }}
),

revenues as (
    select
        clinic_id,
        resource_id,
        local_date,
        sum(net_amount) as slotted_revenue_amount
    from slotted_lines
    group by clinic_id, resource_id, local_date
),

-- A line is slotted where a visit loads the resource; it may be paid for on another day.
resource_days as (
    {%- for part in ['room_hours', 'loaded', 'revenues'] %}
    {{ 'union' if not loop.first }}
    select
        clinic_id,
        resource_id,
        local_date
    from {{ part }}
    {%- endfor %}
),

final as (
    select
        cast(clinics.source_id as string) as source_id,
        cast(resource_days.clinic_id as string) as clinic_id,
        cast(resources.specialty as string) as specialty,
        cast(resource_days.resource_id as string) as resource_id,
        cast(clinics.currency as string) as currency,
        cast(coalesce(room_hours.open_seconds, 0) as bigint) as room_seconds,
        cast(case when room_hours.is_assumed then room_hours.open_seconds else 0 end as bigint) as assumed_room_seconds,
        {%- for measure in ['shift_seconds', 'assumed_shift_seconds', 'doctor_seconds', 'sold_seconds', 'slots_sold'] %}
        cast(coalesce(loaded.{{ measure }}, 0) as bigint) as {{ measure }},
        {%- endfor %}
        cast(coalesce(revenues.slotted_revenue_amount, 0) as decimal(18, 2)) as slotted_revenue_amount,
        cast(resource_days.local_date as date) as local_date
    from resource_days
    inner join clinics on resource_days.clinic_id = clinics.clinic_id
    {%- for part in ['room_hours', 'loaded', 'revenues'] %}
    left join {{ part }}
        on
            resource_days.clinic_id = {{ part }}.clinic_id
            and resource_days.resource_id = {{ part }}.resource_id
            and resource_days.local_date = {{ part }}.local_date
    {%- endfor %}
    left join resources
        on
            resource_days.resource_id = resources.resource_id
            and {{ is_version_of('resources', 'resource_days.local_date') }}
)

select * from final
