with

scopes as (
    select * from {{ ref('int_scopes') }}
),

periods as (
    select distinct
        period_kind,
        period_start,
        period_end
    from {{ ref('int_periods__days') }}
),

export_days as (
    select
        cast(_source as string) as source_id,
        max(export_date) as last_export_date
    from {{ source('ops', 'export_days') }}
    group by _source
),

final as (
    select
        cast(scopes.scope_id as string) as scope_id,
        cast(scopes.scope_kind as string) as scope_kind,
        cast(scopes.source_id as string) as source_id,
        cast(scopes.currency as string) as currency,
        cast(scopes.clinic_id as string) as clinic_id,
        cast(scopes.specialty as string) as specialty,
        cast(scopes.employee_id as string) as employee_id,
        cast(scopes.resource_id as string) as resource_id,
        cast(periods.period_kind as string) as period_kind,
        cast(periods.period_end <= export_days.last_export_date as boolean) as is_complete,
        cast(periods.period_start as date) as period_start,
        cast(periods.period_end as date) as period_end
    from scopes
    inner join periods on scopes.first_date <= periods.period_end and scopes.last_date >= periods.period_start
    inner join export_days on scopes.source_id = export_days.source_id
)

select * from final
