{#
  Spans of days in which a patient counts for a scope: has an open plan; is active, for a while after each treatment; is booked, from the day
  of booking until a while after the appointment; was once booked, from then on; was ever booked, in one way or the other. What is cancelled
  no longer counts from the day on which that was known. Spans that overlap or touch are one.
#}
{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
with

plan_spans as (
    select * from {{ ref('int_plan_spans__open') }}
),

visits as (
    select * from {{ ref('int_visits__treated') }}
),
{%- if var('lapsed_by') == 'visits' %}

bookings as (
    select
        *,
        local_date as books_from,
        {{ end_of_time() }} as books_until
    from visits
),
{%- else %}

bookings as (
    select
        *,
        greatest(least(coalesce(booked_on, local_date), local_date), known_from) as books_from,
        known_until as books_until
    from {{ ref('int_appointments__booked') }}
    where patient_id is not null
),
{%- endif %}

spans as (
    {%- for span_kind, relation, begins, ends in [
        ('with open plan', 'plan_spans', 'open_from', 'open_until'),
        ('active', 'visits', 'local_date', add_months('local_date', var('active_window_months'))),
        ('booked', 'bookings', 'books_from', 'least(books_until, ' ~ add_months('local_date', var('active_window_months')) ~ ')'),
        ('once booked', 'bookings', 'greatest(books_from, ' ~ add_months('local_date', var('active_window_months')) ~ ')', 'books_until'),
        ('ever booked', 'bookings', 'books_from', 'books_until')
    ] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ span_kind }}' as span_kind,
        scope_id,
        patient_id,
        {{ begins }} as begins_on,
        {{ ends }} as ends_on
    from ({{ in_scopes(relation, kinds) }}) as scoped
    where {{ begins }} < {{ ends }}
    {%- endfor %}
),

reached as (
    select
        *,
        max(ends_on) over (
            partition by span_kind, scope_id, patient_id
            order by begins_on, ends_on
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from spans
),

numbered as (
    select
        *,
        sum(case when reached_on >= begins_on then 0 else 1 end) over (
            partition by span_kind, scope_id, patient_id
            order by begins_on, ends_on
            rows between unbounded preceding and current row
        ) as span_number
    from reached
),

final as (
    select
        cast(span_kind as string) as span_kind,
        cast(scope_id as string) as scope_id,
        cast(patient_id as string) as patient_id,
        cast(min(begins_on) as date) as begins_on,
        cast(max(ends_on) as date) as ends_on
    from numbered
    group by span_kind, scope_id, patient_id, span_number
)

select * from final
