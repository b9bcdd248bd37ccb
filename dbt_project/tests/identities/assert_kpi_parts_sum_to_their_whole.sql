{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_kpi__periods'}}}) }}
{#
  Practitioners sum to their clinic, clinics and specialties to their network, for everything that belongs to one practitioner and is not
  rounded; and a clinic earns what the ledger says. Beyond the last export calendars end one by one, so not every part has a row.
#}
{%- set measures = [
    'gross_revenue_amount', 'net_revenue_amount', 'without_plan_amount', 'open_plans_amount', 'debt_amount', 'window_net_amount',
    'attended_appointments', 'wait_seconds', 'no_shows', 'cancellations', 'plans_presented', 'plans_completed_amount',
    'invoices_issued', 'invoices_paid_on_their_date'
] -%}
with

periods as (
    select * from {{ ref('mart_kpi__periods') }}
),

parts as (
    {%- for part, whole in [('practitioner', 'clinic'), ('clinic', 'network'), ('specialty', 'network')] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ part }}' as part,
        {{ scope_id(whole) }} as scope_id,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        period_kind,
        period_start
    from periods
    where scope_kind = '{{ part }}'
    group by {{ scope_id(whole) }}, period_kind, period_start
    {%- endfor %}
),

ledger as (
    select
        clinic_id,
        local_date,
        sum(net_amount) as net_revenue_amount
    from {{ ref('fct_revenues') }}
    group by clinic_id, local_date
)

{%- for measure in measures %}

select
    parts.part || ' {{ measure }}' as what,
    parts.scope_id,
    parts.period_kind,
    parts.period_start
from parts
inner join periods
    on
        parts.scope_id = periods.scope_id
        and parts.period_kind = periods.period_kind
        and parts.period_start = periods.period_start
where periods.is_complete and parts.{{ measure }} is distinct from periods.{{ measure }}

union all
{%- endfor %}

select
    'ledger' as what,
    periods.scope_id,
    periods.period_kind,
    periods.period_start
from periods
left join ledger on periods.clinic_id = ledger.clinic_id and periods.period_start = ledger.local_date
where
    periods.scope_kind = 'clinic'
    and periods.period_kind = 'day'
    and periods.net_revenue_amount <> coalesce(ledger.net_revenue_amount, 0)
