{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_commerce__tree'}}}) }}
{#
  In every scope and period: leaves sum to the revenue, patients to those who paid (counted anew from the lines), and each quotient times
  its denominator gives its numerator back, but for its rounding. Clinics sum to the network, specialties to it as well, practitioners to the clinic.
#}

with

tree as (
    select * from {{ ref('mart_commerce__tree') }}
),

paid_lines as (
    select distinct
        source_id,
        currency,
        clinic_id,
        patient_id,
        local_date
    from {{ ref('int_lines__performed') }}
    where net_amount > 0 and not is_complaint and patient_id is not null
),

paying as (
    select
        scoped.scope_id,
        days.period_kind,
        days.period_start,
        count(distinct scoped.patient_id) as patients,
        count(*) as visits
    from ({{ in_scopes('paid_lines', ['network', 'clinic']) }}) as scoped
    inner join {{ ref('int_periods__days') }} as days on scoped.local_date = days.local_date
    group by scoped.scope_id, days.period_kind, days.period_start
),

{%- set additive = {
    'clinic': [
        'revenue_amount', 'revenue_unattributed_amount', 'paid_visits', 'complaint_visits', 'complaint_seconds', 'leads', 'leads_booked',
        'first_bookings_due', 'first_bookings_attended', 'marketing_spend_amount'
    ],
    'specialty': ['revenue_amount', 'revenue_unattributed_amount', 'complaint_visits', 'complaint_seconds'],
    'practitioner': ['revenue_amount', 'revenue_unattributed_amount', 'complaint_visits', 'complaint_seconds']
} %}

parts as (
    {%- for kind, measures in additive.items() %}
    {%- for measure in measures %}
    {{ 'union all' if not loop.first or kind != 'clinic' }}
    select
        '{{ measure }} of {{ kind }}' as what,
        {{ scope_id('clinic' if kind == 'practitioner' else 'network') }} as whole_id,
        period_kind,
        period_start,
        sum({{ measure }}) as whole
    from tree
    where scope_kind = '{{ kind }}'
    group by whole_id, period_kind, period_start
    {%- endfor %}
    {%- endfor %}
),

wholes as (
    {%- for kind, measures in additive.items() %}
    {%- for measure in measures %}
    {{ 'union all' if not loop.first or kind != 'clinic' }}
    select
        '{{ measure }} of {{ kind }}' as what,
        scope_id,
        period_kind,
        period_start,
        {{ measure }} as whole
    from tree
    where scope_kind = '{{ 'clinic' if kind == 'practitioner' else 'network' }}'
    {%- endfor %}
    {%- endfor %}
)

select 'leaves' as what, scope_id, period_kind, period_start
from tree
where
    revenue_amount is distinct from
    coalesce(revenue_primary_amount, 0) + coalesce(revenue_secondary_amount, 0) + revenue_unattributed_amount
    or secondary_patients <> returned_patients + reactivated_patients + transferred_patients
    or returned_patients > active_base
    or primary_patients > primary_visits
    or primary_visits > paid_visits
    or paid_visits - primary_visits < secondary_patients

union all

select 'patients' as what, tree.scope_id, tree.period_kind, tree.period_start
from tree
left join paying
    on
        tree.scope_id = paying.scope_id
        and tree.period_kind = paying.period_kind
        and tree.period_start = paying.period_start
where
    tree.scope_kind in ('network', 'clinic')
    and (tree.paying_patients <> coalesce(paying.patients, 0) or tree.paid_visits <> coalesce(paying.visits, 0))

union all

select 'factors' as what, scope_id, period_kind, period_start
from tree
where
    {%- for quotient, numerator, denominator, unit in [
        ('revenue_per_primary', 'revenue_primary_amount', 'primary_patients', '0.01'),
        ('revenue_per_secondary', 'revenue_secondary_amount', 'secondary_patients', '0.01'),
        ('visits_per_primary', 'primary_visits', 'primary_patients', '0.000001'),
        ('visits_per_secondary', 'secondary_visits', 'secondary_patients', '0.000001'),
        ('avg_primary_visit_value', 'revenue_primary_amount', 'primary_visits', '0.01'),
        ('avg_secondary_visit_value', 'revenue_secondary_amount', 'secondary_visits', '0.01'),
        ('return_rate', 'returned_patients', 'active_base', '0.000001')
    ] %}
    {{ 'or ' if not loop.first }}abs({{ quotient }} * {{ denominator }} - {{ numerator }}) * 2 > {{ unit }} * {{ denominator }}
    or ({{ denominator }} <> 0) <> ({{ quotient }} is not null)
    {%- endfor %}

union all

select parts.what, wholes.scope_id, wholes.period_kind, wholes.period_start
from wholes
left join parts
    on
        wholes.what = parts.what
        and wholes.scope_id = parts.whole_id
        and wholes.period_kind = parts.period_kind
        and wholes.period_start = parts.period_start
where wholes.whole is distinct from parts.whole
