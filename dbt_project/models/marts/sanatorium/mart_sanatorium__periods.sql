{%- set counts = ['beds', 'beds_out_of_order', 'beds_sold', 'days', 'nights', 'procedures', 'cost_entries'] -%}
{%- set amounts = [
    'rooms_amount', 'food_amount', 'medical_amount', 'other_amount', 'services_amount', 'cost_amount'
] -%}
{%- set parts = {
    'bed_days': {'beds': 'beds', 'beds_out_of_order': 'beds_out_of_order', 'beds_sold': 'beds_sold'},
    'guest_days': {'days': 'days', 'nights': 'nights', 'procedures': 'procedures', 'services_amount': 'services_amount'},
    'charges': {
        'rooms_amount': "case when department = 'rooms' then charge_amount else 0 end",
        'food_amount': "case when department = 'food' then charge_amount else 0 end",
        'medical_amount': "case when department = 'medical' then charge_amount else 0 end",
        'other_amount': "case when department not in ('rooms', 'food', 'medical') then charge_amount else 0 end"
    },
    'costs': {'cost_entries': '1', 'cost_amount': 'expense_amount'}
} -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic')
),

available as (
    {{ available_metrics('mart_sanatorium__periods') }}
),

bed_days as (
    select * from {{ ref('int_bed_days__sold') }}
),

guest_days as (
    select * from {{ ref('int_guest_days__stayed') }}
),

charges as (
    select * from {{ ref('fct_stay_charges') }}
),

-- Expenses of a clinic without beds are no cost of a bed.
costs as (
    select * from {{ ref('fct_expenses') }}
    where expense_kind not in ('interest', 'tax') and clinic_id in (select bed_days.clinic_id from bed_days)
),

events as (
    {%- for part, measures in parts.items() %}
    {{ 'union all' if not loop.first }}
    select
        source_id,
        clinic_id,
        currency,
        {%- for name in counts %}
        cast({{ measures.get(name, 0) }} as bigint) as {{ name }},
        {%- endfor %}
        {%- for name in amounts %}
        cast({{ measures.get(name, 0) }} as decimal(18, 2)) as {{ name }},
        {%- endfor %}
        local_date
    from {{ part }}
    where clinic_id is not null
    {%- endfor %}
),

sums as (
    {%- set measures = {} %}
    {%- for name in counts + amounts %}
    {%- do measures.update({name: name}) %}
    {%- endfor %}
    {{ sum_by_scope_and_period('events', ['network', 'clinic'], measures) }}
),

-- A guest counts once in a period, however many days of the stay are in it.
guests as (
    select
        scoped.scope_id,
        days.period_kind,
        days.period_start,
        count(distinct scoped.patient_id) as guests,
        count(distinct case when scoped.paid_procedures > 0 then scoped.patient_id end) as guests_with_procedure
    from ({{ in_scopes('guest_days', ['network', 'clinic']) }}) as scoped
    inner join {{ ref('int_periods__days') }} as days on scoped.local_date = days.local_date
    group by scoped.scope_id, days.period_kind, days.period_start
),

-- A clinic without beds has no occupancy, not one of 0.
scopes_with_beds as (
    select distinct scope_id from ({{ in_scopes('bed_days', ['network', 'clinic']) }}) as scoped
),

named as (
    select
        scope_periods.*,
        sums.beds as rooms_available,
        sums.beds_out_of_order as rooms_out_of_order,
        sums.beds_sold as rooms_sold,
        sums.beds as max_capacity_bed_days,
        sums.nights as guest_nights,
        sums.{{ 'nights' if var('bed_day_rule') == 'nights' else 'days' }} as bed_days,
        sums.procedures,
        sums.rooms_amount as rooms_charges_amount,
        sums.food_amount as food_charges_amount,
        sums.medical_amount as medical_charges_amount,
        sums.other_amount as other_charges_amount,
        {%- set services = 'sums.services_amount' if var('stay_charges') == 'beside_lines' else '0' %}
        {{ services }} as guest_services_amount,
        sums.rooms_amount + sums.food_amount + sums.medical_amount + sums.other_amount + {{ services }}
            as total_revenue_amount,
        sums.medical_amount + {{ services }} as medical_revenue_amount,
        case when sums.cost_entries > 0 then sums.cost_amount end as operating_cost_amount,
        guests.guests,
        guests.guests_with_procedure
    from scope_periods
    left join sums using (scope_id, period_kind, period_start)
    left join guests using (scope_id, period_kind, period_start)
),

measured as (
    select
        {{ scope_and_period_columns('named') }},
        {{ available_measures('mart_sanatorium__periods') }}
    from named
    left join scopes_with_beds on named.scope_id = scopes_with_beds.scope_id
    left join available on named.source_id = available.source_id and scopes_with_beds.scope_id is not null
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_sanatorium__periods') }}
    from measured
)

select * from final
