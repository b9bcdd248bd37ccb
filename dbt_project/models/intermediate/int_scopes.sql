{# A practitioner or a specialty is a scope where it has done something; a resource, where it stands or was used. #}
with

clinics as (
    select
        clinic_id,
        source_id,
        currency,
        min(local_date) as first_date,
        max(local_date) as last_date
    from {{ ref('int_clinic_days') }}
    group by clinic_id, source_id, currency
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

resource_history as (
    select * from {{ ref('dim_resource_history') }}
),

resources as (
    select distinct
        clinic_id,
        resource_id,
        specialty
    from resource_history
    {%- for relation in ['int_appointments__placed', 'int_hours__taken', 'fct_slots'] %}
    union
    select distinct
        used.clinic_id,
        used.resource_id,
        resource_history.specialty
    from {{ ref(relation) }} as used
    left join resource_history
        on
            used.resource_id = resource_history.resource_id
            and {{ is_version_of('resource_history', 'used.local_date') }}
    where used.resource_id is not null
    {%- endfor %}
),

deeds as (
    {%- for relation in ['int_lines__performed', 'int_appointments__placed'] %}
    select distinct
        clinic_id,
        employee_id,
        specialty
    from {{ ref(relation) }}
    union
    {%- endfor %}
    {%- for fact in ['fct_shifts', 'fct_plans', 'fct_slots'] %}
    {{ 'union' if not loop.first }}
    select distinct
        facts.clinic_id,
        facts.employee_id,
        employees.specialty
    from {{ ref(fact) }} as facts
    left join employees
        on facts.employee_id = employees.employee_id and {{ is_version_of('employees', 'facts.local_date') }}
    {%- endfor %}
),

-- Every row with its clinic's source, currency and calendar.
members as (
    select
        clinics.*,
        cast(null as string) as specialty,
        cast(null as string) as employee_id,
        cast(null as string) as resource_id,
        'clinic' as scope_kind
    from clinics
    union all
    select
        clinics.*,
        deeds.specialty,
        deeds.employee_id,
        cast(null as string) as resource_id,
        'deed' as scope_kind
    from deeds
    inner join clinics on deeds.clinic_id = clinics.clinic_id
    union all
    select
        clinics.*,
        resources.specialty,
        cast(null as string) as employee_id,
        resources.resource_id,
        'resource' as scope_kind
    from resources
    inner join clinics on resources.clinic_id = clinics.clinic_id
),

named as (
    {%- for kind in scope_kinds() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ kind }}' as scope_kind,
        {{ scope_id(kind) }} as scope_id,
        source_id,
        currency,
        {{ 'clinic_id' if kind in ('clinic', 'practitioner', 'resource') else 'cast(null as string)' }} as clinic_id,
        {{ "coalesce(specialty, '(none)')" if kind == 'specialty' else 'cast(null as string)' }} as specialty,
        {{ "coalesce(employee_id, '(none)')" if kind == 'practitioner' else 'cast(null as string)' }} as employee_id,
        {{ "coalesce(resource_id, '(none)')" if kind == 'resource' else 'cast(null as string)' }} as resource_id,
        first_date,
        last_date
    from members
    where {{ {
        'network': "scope_kind = 'clinic'",
        'clinic': "scope_kind = 'clinic'",
        'specialty': "true",
        'practitioner': "scope_kind in ('clinic', 'deed')",
        'resource': "scope_kind in ('clinic', 'resource')"
    }[kind] }}
    {%- endfor %}
),

final as (
    select
        cast(scope_id as string) as scope_id,
        cast(scope_kind as string) as scope_kind,
        cast(source_id as string) as source_id,
        cast(currency as string) as currency,
        cast(clinic_id as string) as clinic_id,
        cast(specialty as string) as specialty,
        cast(employee_id as string) as employee_id,
        cast(resource_id as string) as resource_id,
        cast(min(first_date) as date) as first_date,
        cast(max(last_date) as date) as last_date
    from named
    group by scope_id, scope_kind, source_id, currency, clinic_id, specialty, employee_id, resource_id
)

select * from final
