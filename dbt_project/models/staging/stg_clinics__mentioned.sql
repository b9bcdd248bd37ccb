{#
  Clinics that events name, whether or not the source describes them. Reads raw tables, all versions: cheap, and a clinic too many does
  no harm, while a clinic too few would lose money.
#}
with

mentioned as (
    {%- for entity in [
        'appointments', 'invoices', 'leads', 'marketing_spend', 'payments', 'service_lines', 'shifts', 'slots', 'treatment_plans'
    ] %}
    {{ 'union' if not loop.first }}
    select
        _source,
        clinic_id
    from {{ source('raw', entity) }}
    where clinic_id is not null
    {%- endfor %}
),

final as (
    select
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast(_source as string) as source_id
    from mentioned
)

select * from final
