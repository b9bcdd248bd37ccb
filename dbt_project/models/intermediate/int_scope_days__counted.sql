{#
  Everything that adds up over the days of a scope. What has a row of its own for each practitioner is summed before it meets its scopes;
  staff_measures() says out of what.
#}
{%- set kinds = ['network', 'clinic', 'specialty', 'practitioner'] -%}
{%- set longest_seconds = var('longest_visit_hours') * 3600 -%}
{%- set waits_from = 'arrived_at' -%}
{%- if var('waiting_from') == 'planned_start' -%}
    {%- set waits_from = 'greatest(arrived_at, planned_start_at)' -%}
{%- endif -%}
{%- set keys = ['source_id', 'currency', 'clinic_id', 'specialty', 'employee_id', 'local_date'] -%}
{%- set measures = staff_measures().values() | map('list') | sum(start=[]) -%}
with

lines as (
    select * from {{ ref('int_lines__performed') }}
),

revenue_lines as (
    select * from {{ ref('int_lines__earned') }}
),

revenue_without_plan as (
    select revenue_lines.*
    from revenue_lines
    inner join lines on revenue_lines.service_line_id = lines.service_line_id
    left join lines as originals on lines.original_line_id = originals.service_line_id
    where
        coalesce(lines.plan_item_id, originals.plan_item_id) is null
        and coalesce(lines.service_stage, 'other') not in {{ listed('without_plan_excluded_stages') }}
        and abs(coalesce(originals.net_amount, lines.net_amount)) >= {{ var('without_plan_least_amount') }}
),

-- A patient who is seen before the stamp of arrival has no waiting that could be known.
appointments as (
    select
        *,
        is_attended and attended_seconds between 1 and {{ longest_seconds }} as is_timed,
        appointment_status = 'rescheduled'
        or (appointment_status = 'cancelled' and rescheduled_to_appointment_id is not null) as is_rescheduled,
        appointment_status = 'cancelled' and rescheduled_to_appointment_id is null as is_cancelled,
        case
            when
                is_attended
                and started_at >= arrived_at
                and started_at <= {{ add_seconds('arrived_at', longest_seconds) }}
                then greatest({{ seconds_between(waits_from, 'started_at') }}, 0)
        end as wait_seconds
    from {{ ref('int_appointments__placed') }}
),

plans as (
    select * from {{ ref('int_plans__completed') }}
),

invoices as (
    select * from {{ ref('int_invoices__attributed') }}
    where payer is null and invoice_amount > 0
),

measured as (
    {%- for relation, columns in staff_measures().items() %}
    {{ 'union all' if not loop.first }}
    select
        {%- for measure in measures %}
        {{ 'sum(' ~ columns[measure] ~ ')' if measure in columns else '0' }} as {{ measure }},
        {%- endfor %}
        {{ keys | join(', ') }}
    from {{ relation }}
    group by {{ keys | join(', ') }}
    {%- endfor %}
),

added as (
    select
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        scope_id,
        local_date
    from ({{ in_scopes('measured', kinds) }}) as scoped
    group by scope_id, local_date
),

visits as (
    select * from {{ ref('int_visits__treated') }}
),

-- Two doctors on one day are one visit of the clinic.
patients as (
    select
        scope_id,
        local_date,
        count(distinct patient_id) as visits,
        count(distinct case when is_first_ever then patient_id end) as new_patient_visits
    from ({{ in_scopes('visits', kinds) }}) as scoped
    group by scope_id, local_date
),

worked as (
    select * from {{ ref('int_scope_days__worked') }}
),

scope_days as (
    {%- for part in ['added', 'patients', 'worked'] %}
    {{ 'union' if not loop.first }}
    select
        scope_id,
        local_date
    from {{ part }}
    {%- endfor %}
),

final as (
    select
        cast(scope_days.scope_id as string) as scope_id,
        {%- for measure in measures %}
        {%- if measure.startswith('direct_cost') %}
        cast(coalesce(added.{{ measure }}, 0) as decimal(38, 6)) as {{ measure }},
        {%- elif measure.endswith('_amount') %}
        {{ as_amount('coalesce(added.' ~ measure ~ ', 0)') }} as {{ measure }},
        {%- else %}
        {{ as_count('coalesce(added.' ~ measure ~ ', 0)') }} as {{ measure }},
        {%- endif %}
        {%- endfor %}
        {{ as_count('coalesce(patients.visits, 0)') }} as visits,
        {{ as_count('coalesce(patients.new_patient_visits, 0)') }} as new_patient_visits,
        -- NULL without a schedule.
        {{ as_count('worked.clinical_seconds') }} as clinical_seconds,
        {{ as_count('worked.unused_seconds') }} as unused_seconds,
        {{ as_count('coalesce(worked.working_days, 0)') }} as working_days,
        cast(scope_days.local_date as date) as local_date
    from scope_days
    left join added using (scope_id, local_date)
    left join patients using (scope_id, local_date)
    left join worked using (scope_id, local_date)
)

select * from final
