{# What the KPI of staff share. #}

{# What int_scope_days__counted sums, out of which of its relations. #}
{% macro staff_measures() -%}
    {{ return({
        'lines': {
            'direct_cost_amount': 'direct_cost_amount',
            'direct_cost_by_norm_amount': 'case when is_cost_by_norm then direct_cost_amount else 0 end'
        },
        'revenue_lines': {
            'gross_revenue_amount': 'list_amount',
            'discount_amount': 'discount_amount',
            'net_revenue_amount': 'net_amount',
            'self_pay_amount': 'case when payer is null then net_amount else 0 end',
            'insurer_amount': 'case when payer is null then 0 else net_amount end'
        },
        'revenue_without_plan': {'without_plan_amount': 'net_amount'},
        'appointments': {
            'attended_appointments': 'case when is_attended then 1 else 0 end',
            'timed_appointments': 'case when is_timed then 1 else 0 end',
            'timed_seconds': 'case when is_timed then attended_seconds else 0 end',
            'untimed_appointments': 'case when is_attended and not is_timed then 1 else 0 end',
            'waited_appointments': 'case when wait_seconds is null then 0 else 1 end',
            'wait_seconds': 'coalesce(wait_seconds, 0)',
            'no_shows': "case when appointment_status = 'no_show' then 1 else 0 end",
            'cancellations': "case when is_cancelled and cancelled_by = 'patient' then 1 else 0 end",
            'cancellations_by_clinic': "case when is_cancelled and cancelled_by = 'clinic' then 1 else 0 end",
            'cancellations_by_unknown': "case when is_cancelled and cancelled_by is null then 1 else 0 end",
            'reschedules': 'case when is_rescheduled then 1 else 0 end'
        },
        'plans': {
            'plans_presented': '1',
            'plans_completed': 'case when is_completed then 1 else 0 end',
            'plans_presented_amount': 'presented_amount',
            'plans_completed_amount': 'case when is_completed then presented_amount else 0 end'
        },
        'invoices': {
            'invoices_issued': '1',
            'invoices_paid_on_their_date': 'case when is_paid_on_its_date then 1 else 0 end'
        }
    }) }}
{%- endmacro %}

{# A comma-separated parameter as a list of texts for `in (…)`. #}
{% macro listed(parameter) -%}
    ('{{ var(parameter).split(',') | map('trim') | join("', '") }}')
{%- endmacro %}

{#
  The running sums of `measures` at the end of every period of a scope: what has been added up to that day, the day included. `events`
  holds changes (scope_id, local_date, a column of each measure), `period_ends` (scope_id, period_end) is what is asked for.
#}
{% macro standing_at(events, period_ends, measures) -%}
    select
        scope_id,
        local_date as period_end,
        {%- for measure in measures %}
        {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            scope_id,
            local_date,
            is_asked_for,
            {%- for measure in measures %}
            sum({{ measure }}) over (
                partition by scope_id
                order by local_date
                rows between unbounded preceding and current row
            ) as {{ measure }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                scope_id,
                local_date,
                max(is_asked_for) as is_asked_for,
                {%- for measure in measures %}
                sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
                {%- endfor %}
            from (
                select
                    scope_id,
                    local_date,
                    0 as is_asked_for,
                    {{ measures | join(', ') }}
                from {{ events }}
                union all
                select
                    scope_id,
                    period_end as local_date,
                    1 as is_asked_for,
                    {%- for measure in measures %}
                    0 as {{ measure }}{{ ',' if not loop.last }}
                    {%- endfor %}
                from {{ period_ends }}
            ) as events_and_ends
            group by scope_id, local_date
        ) as by_day
    ) as running
    where is_asked_for = 1
{%- endmacro %}

{# What the items of a plan that stand for one another share: the group of alternatives, or else the service. #}
{% macro plan_part() -%}
    coalesce('group|' || alternative_group, 'service|' || service_id)
{%- endmacro %}

{# A mart that splits the net revenue of each scope and period by a column of the lines; what has none is `nobody`. #}
{% macro kpi_mix(mart, column, nobody) -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
),

available as (
    {{ available_metrics(mart) }}
),

lines as (
    select
        source_id,
        currency,
        clinic_id,
        specialty,
        employee_id,
        local_date,
        coalesce({{ column }}, {{ nobody }}) as {{ column }},
        sum(net_amount) as net_amount
    from {{ ref('int_lines__earned') }}
    group by source_id, currency, clinic_id, specialty, employee_id, local_date, coalesce({{ column }}, {{ nobody }})
),

parts as (
    {{ sum_by_scope_and_period(
        'lines', ['network', 'clinic', 'specialty', 'practitioner'], {column ~ '_net_amount': 'net_amount'}, keys=[column]
    ) }}
),

measured as (
    select
        scope_periods.*,
        parts.{{ column }},
        {{ available_measures(mart) }}
    from scope_periods
    inner join (
        select
            *,
            sum({{ column }}_net_amount) over (partition by scope_id, period_kind, period_start) as net_revenue_amount
        from parts
    ) as parts using (scope_id, period_kind, period_start)
    left join available on scope_periods.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        cast({{ column }} as string) as {{ column }},
        {{ metric_columns(mart) }}
    from measured
)

select * from final
{%- endmacro %}

{# What a KPI divides by what; of one that is no quotient the value itself, by nothing. #}
{% macro kpi_fraction(name, terms) -%}
    {%- if 'numerator' not in terms or terms['denominator'] is number -%}
        {{ return((name, 'null')) }}
    {%- endif -%}
    {{ return((
        terms['numerator'] ~ ' * ' ~ terms['factor'] if terms['factor'] != 1 else terms['numerator'],
        terms['denominator'] ~ ' * ' ~ terms['divisor'] if terms.get('divisor') else terms['denominator']
    )) }}
{%- endmacro %}
