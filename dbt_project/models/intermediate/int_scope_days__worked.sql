{#
  Clinical time is that of doctors, not of rooms: who is in two rooms at once works once. Intervals are cut at local midnight, so that
  days add up, and measured in UTC, so that clocks may change.
#}
with

shifts as (
    select
        shifts.*,
        employees.specialty
    from {{ ref('fct_shifts') }} as shifts
    left join {{ ref('dim_employee_history') }} as employees
        on
            shifts.employee_id = employees.employee_id
            and {{ is_version_of('employees', 'shifts.local_date') }}
    where shifts.is_counted and shifts.employee_id is not null
),

attended as (
    select
        appointments.*,
        clinics.time_zone
    from {{ ref('int_appointments__placed') }} as appointments
    inner join {{ ref('dim_clinic') }} as clinics on appointments.clinic_id = clinics.clinic_id
    where
        appointments.is_attended
        and appointments.employee_id is not null
        and appointments.attended_seconds between 1 and {{ var('longest_visit_hours') }} * 3600
),

-- Planned or begun within the shift, and past its end: the doctor works on.
overruns as (
    select
        shifts.source_id,
        shifts.currency,
        shifts.clinic_id,
        shifts.specialty,
        shifts.employee_id,
        shifts.time_zone,
        greatest(shifts.ends_at, attended.starts_at) as starts_at,
        attended.ends_at
    from attended
    inner join shifts on attended.employee_id = shifts.employee_id and attended.clinic_id = shifts.clinic_id
    where
        attended.ends_at > shifts.ends_at
        and (
            (attended.planned_start_at >= shifts.starts_at and attended.planned_start_at < shifts.ends_at)
            or (attended.starts_at >= shifts.starts_at and attended.starts_at < shifts.ends_at)
        )
),

intervals as (
    {%- for relation in ['shifts', 'overruns', 'attended'] %}
    {{ 'union all' if not loop.first }}
    select
        source_id,
        coalesce(currency, '(none)') as currency,
        clinic_id,
        coalesce(specialty, '(none)') as specialty,
        employee_id,
        time_zone,
        {{ 'false' if relation == 'attended' else 'true' }} as is_clinical,
        starts_at,
        ends_at
    from {{ relation }}
    where ends_at > starts_at
    {%- endfor %}
),

days as (
    select
        *,
        {{ each_day(
            local_date('starts_at', 'time_zone'), local_date(add_seconds('ends_at', -1), 'time_zone')
        ) }} as local_date
    from intervals
),

pieces as (
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        is_clinical,
        local_date,
        greatest(starts_at, {{ to_utc('cast(local_date as timestamp)', 'time_zone') }}) as starts_at,
        least(ends_at, {{ to_utc('cast(' ~ add_days('local_date', 1) ~ ' as timestamp)', 'time_zone') }}) as ends_at
    from days
),

clinical as (
    select * from pieces
    where is_clinical
),

occupied as (
    select * from pieces
    where not is_clinical
),

-- Once per doctor of a clinic, and once per doctor of the network, who may be in two clinics at once.
{%- for level, keys in {
    'clinic': ['clinic_id', 'specialty', 'employee_id', 'local_date'],
    'network': ['source_id', 'currency', 'specialty', 'employee_id', 'local_date']
}.items() %}
{%- for relation in ['clinical', 'occupied', 'pieces'] %}
{{ level }}_{{ relation }} as (
    {{ union_seconds(relation, keys) }}
),

{% endfor -%}
-- Clinical and not occupied = either of both, less occupied.
{{ level }}_doctors as (
    select
        {{ level }}_clinical.*,
        {{ level }}_pieces.union_seconds - coalesce({{ level }}_occupied.union_seconds, 0) as unused_seconds
    from {{ level }}_clinical
    inner join {{ level }}_pieces using ({{ keys | join(', ') }})
    left join {{ level }}_occupied using ({{ keys | join(', ') }})
),

{% endfor -%}
scope_days as (
    {%- for kind, level in {
        'practitioner': 'clinic', 'clinic': 'clinic', 'specialty': 'network', 'network': 'network'
    }.items() %}
    {{ 'union all' if not loop.first }}
    select
        {{ scope_id(kind) }} as scope_id,
        local_date,
        sum(union_seconds) as clinical_seconds,
        sum(unused_seconds) as unused_seconds
    from {{ level }}_doctors
    group by {{ scope_id(kind) }}, local_date
    {%- endfor %}
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(clinical_seconds as bigint) as clinical_seconds,
        cast(unused_seconds as bigint) as unused_seconds,
        cast(case when clinical_seconds >= 3600 then 1 else 0 end as bigint) as working_days,
        cast(local_date as date) as local_date
    from scope_days
)

select * from final
