{%- set measures = ['slots_sold', 'services', 'list_amount', 'discount_amount', 'slotted_revenue_amount'] -%}
{%- set drill_downs = {
    'total': "'all'", 'specialty': 'specialty', 'visit_kind': 'visit_kind', 'service_stage': 'service_stage'
} -%}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where period_kind in ('month', 'quarter', 'year')
),

available as (
    {{ available_metrics('mart_utilisation__slot_mix') }}
),

visits as (
    select * from {{ ref('int_hours__taken') }}
    where taken_by = 'visit'
),

sold as (
    select
        appointment_id,
        service_stage,
        sum(quantity) as services,
        sum(list_amount) as list_amount,
        -- What the price was lowered by, so that the factors multiply back whatever an export calls a discount.
        sum(list_amount - net_amount) as discount_amount,
        sum(net_amount) as slotted_revenue_amount
    from {{ ref('int_lines__performed') }}
    where is_slotted
    group by appointment_id, service_stage
),

-- A row for each stage of a slot's services, one if it has none.
slots as (
    select
        visits.source_id,
        visits.currency,
        visits.clinic_id,
        visits.taken_by_id,
        visits.specialty,
        visits.visit_kind,
        visits.local_date,
        sold.service_stage,
        coalesce(sold.services, 0) as services,
        coalesce(sold.list_amount, 0) as list_amount,
        coalesce(sold.discount_amount, 0) as discount_amount,
        coalesce(sold.slotted_revenue_amount, 0) as slotted_revenue_amount
    from visits
    left join sold on visits.taken_by_id = sold.appointment_id
),

parts as (
    {%- for mix_by, part in drill_downs.items() %}
    {{ 'union all' if not loop.first }}
    select
        source_id,
        currency,
        clinic_id,
        '{{ mix_by }}' as mix_by,
        coalesce({{ part }}, '(none)') as mix_part,
        count(distinct taken_by_id) as slots_sold,
        sum(services) as services,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount,
        sum(slotted_revenue_amount) as slotted_revenue_amount,
        local_date
    from slots
    group by source_id, currency, clinic_id, coalesce({{ part }}, '(none)'), local_date
    {%- endfor %}
),

parts_by_period as (
    {{ sum_by_scope_and_period('parts', ['network', 'clinic'], dict(zip(measures, measures)), ['mix_by', 'mix_part']) }}
),

shared as (
    select
        *,
        max(case when mix_by = 'total' then slots_sold end) over (partition by scope_id, period_kind, period_start)
            as slots_in_all
    from parts_by_period
),

measured as (
    select
        scope_periods.*,
        shared.mix_by,
        shared.mix_part,
        {{ available_measures('mart_utilisation__slot_mix') }}
    from scope_periods
    inner join shared using (scope_id, period_kind, period_start)
    left join available on scope_periods.source_id = available.source_id
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(scope_kind as string) as scope_kind,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(mix_by as string) as mix_by,
        cast(mix_part as string) as mix_part,
        {{ metric_columns('mart_utilisation__slot_mix') }},
        cast(period_kind as string) as period_kind,
        cast(is_complete as boolean) as is_complete,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end
    from measured
)

select * from final
