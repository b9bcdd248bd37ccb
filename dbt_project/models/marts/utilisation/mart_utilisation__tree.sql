{%- set loads = [
    'room_seconds', 'assumed_room_seconds', 'shift_seconds', 'assumed_shift_seconds', 'doctor_seconds', 'sold_seconds', 'slots_sold'
] -%}
{%- set loads = dict(zip(loads, loads)) -%}
{%- set counts = {
    'appointments': 'count(*)',
    'imputed_times': count_if('events.is_attended and events.is_time_imputed'),
    'visits_without_resource': count_if('events.is_attended and events.resource_id is null'),
    'attended_seconds': 'sum(events.attended_seconds)'
} -%}
{%- for status in ['scheduled', 'attended', 'no_show', 'cancelled', 'rescheduled', 'unknown'] -%}
{%- do counts.update({'appointments_' ~ status: count_if("events.appointment_status = '" ~ status ~ "'")}) -%}
{%- endfor -%}
{%- set events = {
    'bookings': {'from': 'int_appointments__placed', 'measures': counts},
    'timetables': {'from': 'fct_slots', 'measures': {'slots_offered': 'count(*)', 'slots_booked': count_if('events.is_booked')}},
    'revenues': {'from': 'int_lines__earned', 'measures': {
        'revenue_amount': 'sum(events.net_amount)',
        'slotted_revenue_amount': 'sum(case when events.is_slotted then events.net_amount else 0 end)',
        'unslotted_revenue_amount': 'sum(case when events.is_slotted then 0 else events.net_amount end)'
    }}
} -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
),

available as (
    {{ available_metrics('mart_utilisation__tree') }}
),

resources as (
    select * from {{ ref('dim_resource_history') }}
),

resource_days as (
    select * from {{ ref('int_resource_days__loaded') }}
),

-- Whoever is in two rooms at once works one hour. What names nobody is told apart by its resource.
practitioner_loads as (
    select
        *,
        case when employee_id is null then resource_id end as resource_of_nobody
    from {{ ref('int_hours__taken') }}
),

practitioners_loaded as (
    {{ loaded_seconds('practitioner_loads', ['clinic_id', 'employee_id', 'resource_of_nobody', 'local_date']) }}
),

practitioner_days as (
    select
        *,
        0 as room_seconds,
        0 as assumed_room_seconds
    from practitioners_loaded
),

loads_by_period as (
    {{ sum_by_scope_and_period('resource_days', scope_kinds() | reject('eq', 'practitioner') | list, loads) }}
    union all
    {{ sum_by_scope_and_period('practitioner_days', ['practitioner'], loads) }}
),

-- The specialty is that of the resource on the day.
{%- for part, event in events.items() %}
{{ part }} as (
    select
        events.source_id,
        events.currency,
        events.clinic_id,
        resources.specialty,
        events.employee_id,
        events.resource_id,
        {%- for name, measure in event['measures'].items() %}
        {{ measure }} as {{ name }},
        {%- endfor %}
        events.local_date
    from {{ ref(event['from']) }} as events
    left join resources
        on events.resource_id = resources.resource_id and {{ is_version_of('resources', 'events.local_date') }}
    group by
        events.source_id, events.currency, events.clinic_id, resources.specialty, events.employee_id,
        events.resource_id, events.local_date
),

{{ part }}_by_period as (
    {{ sum_by_scope_and_period(part, scope_kinds(), dict(zip(event['measures'], event['measures']))) }}
),
{% endfor %}
measured as (
    select
        scope_periods.*,
        {{ available_measures('mart_utilisation__tree') }}
    from scope_periods
    left join available on scope_periods.source_id = available.source_id
    {%- for part in ['loads', 'bookings', 'timetables', 'revenues'] %}
    left join {{ part }}_by_period using (scope_id, period_kind, period_start)
    {%- endfor %}
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_utilisation__tree') }}
    from measured
)

select * from final
