{#
  What stands at the end of each period. Everything comes as changes by day: who begins or ceases to count, what is owed, open or earned
  and what no longer is. What stands is the sum of the changes, so any number of days costs one pass.
#}
{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
{%- set measures = [
    'open_plans_amount', 'debt_amount', 'window_net_amount', 'patients_with_open_plan', 'active_patients',
    'lapsed_patients', 'once_booked_patients'
] -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('{{ kinds | join("', '") }}')
),

period_ends as (
    select distinct
        scope_id,
        period_end
    from scope_periods
),

plan_spans as (
    select * from {{ ref('int_plan_spans__open') }}
),

invoice_days as (
    select * from {{ ref('int_invoice_days__owed') }}
),

revenue_lines as (
    select * from {{ ref('int_lines__earned') }}
),

patient_spans as (
    select * from {{ ref('int_patient_spans__merged') }}
),

amounts as (
    {%- for relation, day, measure, change in [
        ('plan_spans', 'open_from', 'open_plans_amount', 'remaining_amount'),
        ('plan_spans', 'open_until', 'open_plans_amount', '-remaining_amount'),
        ('invoice_days', 'local_date', 'debt_amount', 'change_amount'),
        ('revenue_lines', 'local_date', 'window_net_amount', 'net_amount'),
        ('revenue_lines', add_months('local_date', var('active_window_months')), 'window_net_amount', '-net_amount')
    ] %}
    {{ 'union all' if not loop.first }}
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        {{ day }} as local_date,
        '{{ measure }}' as measure,
        sum({{ change }}) as change
    from {{ relation }}
    group by source_id, currency, clinic_id, specialty, employee_id, {{ day }}
    {%- endfor %}
),

changes as (
    select
        scope_id,
        local_date,
        measure,
        change
    from ({{ in_scopes('amounts', kinds) }}) as scoped
    {#- Of those who were ever booked, who is not booked now has lapsed. #}
    {%- for span_kind, measure, change in [
        ('with open plan', 'patients_with_open_plan', 1),
        ('active', 'active_patients', 1),
        ('ever booked', 'lapsed_patients', 1),
        ('booked', 'lapsed_patients', -1),
        ('once booked', 'once_booked_patients', 1)
    ] %}
    {%- for day, side in [('begins_on', change), ('ends_on', -change)] %}
    union all
    select
        scope_id,
        {{ day }} as local_date,
        '{{ measure }}' as measure,
        {{ side }} * count(*) as change
    from patient_spans
    where span_kind = '{{ span_kind }}'
    group by scope_id, {{ day }}
    {%- endfor %}
    {%- endfor %}
),

events as (
    select
        {%- for measure in measures %}
        sum(case when measure = '{{ measure }}' then change else 0 end) as {{ measure }},
        {%- endfor %}
        scope_id,
        local_date
    from changes
    group by scope_id, local_date
),

standing as (
    {{ standing_at('events', 'period_ends', measures) }}
),

final as (
    select
        cast(scope_periods.scope_id as string) as scope_id,
        cast(scope_periods.period_kind as string) as period_kind,
        {%- for measure in measures %}
        {%- if measure.endswith('_amount') %}
        {{ as_amount('standing.' ~ measure) }} as {{ measure }},
        {%- else %}
        {{ as_count('standing.' ~ measure) }} as {{ measure }},
        {%- endif %}
        {%- endfor %}
        cast(scope_periods.period_start as date) as period_start
    from scope_periods
    inner join standing
        on scope_periods.scope_id = standing.scope_id and scope_periods.period_end = standing.period_end
)

select * from final
