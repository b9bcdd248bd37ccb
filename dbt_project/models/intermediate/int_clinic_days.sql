{#
  The calendar of the marts. It reads facts, not plans for the future of rooms: opening rules without an end would never end.
#}
{%- set without_work = ['fct_expenses', 'fct_revenues', 'fct_stay_charges', 'fct_stays'] -%}
with

clinics as (
    select * from {{ ref('dim_clinic') }}
),

export_days as (
    select
        cast(_source as string) as source_id,
        min(export_date) as first_date,
        max(export_date) as last_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

-- A guest who came, or a rent that was paid, before all that is exported says nothing of the rooms of that day.
events as (
    {%- for fact in [
        'fct_appointments', 'fct_expenses', 'fct_invoices', 'fct_leads', 'fct_marketing_spend', 'fct_payments',
        'fct_plans', 'fct_revenues', 'fct_service_lines', 'fct_shifts', 'fct_slots', 'fct_stay_charges', 'fct_stays'
    ] %}
    {{ 'union all' if not loop.first }}
    select
        clinic_id,
        {{ 'false' if fact in without_work else 'true' }} as is_work,
        min(local_date) as first_date,
        max(local_date) as last_date
    from {{ ref(fact) }}
    group by clinic_id
    {%- endfor %}
),

exports as (
    select
        clinics.clinic_id,
        true as is_work,
        export_days.first_date,
        export_days.last_date
    from clinics
    inner join export_days on clinics.source_id = export_days.source_id
),

ends as (
    select * from events
    union all
    select * from exports
),

spans as (
    select
        clinics.clinic_id,
        clinics.source_id,
        clinics.currency,
        min(ends.first_date) as first_date,
        min(case when ends.is_work then ends.first_date end) as worked_from,
        max(ends.last_date) as last_date
    from clinics
    inner join ends on clinics.clinic_id = ends.clinic_id
    group by clinics.clinic_id, clinics.source_id, clinics.currency
),

spread as (
    select
        clinic_id,
        source_id,
        currency,
        worked_from,
        {{ each_day('first_date', 'last_date') }} as local_date
    from spans
),

final as (
    select
        cast(clinic_id as string) as clinic_id,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(local_date >= worked_from as boolean) as is_worked,
        cast(local_date as date) as local_date
    from spread
)

select * from final
