with

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

schemes as (
    select * from {{ source('schemes', 'schemes') }}
),

scheme_clinics as (
    select * from {{ source('schemes', 'scheme_clinics') }}
),

modules as (
    select * from {{ source('schemes', 'modules') }}
),

module_rates as (
    select * from {{ source('schemes', 'module_rates') }}
),

-- Amounts of a scheme (caps) mean nothing in other money, so a scheme pays only in clinics of its own currency.
covered_clinics as (
    select
        schemes.scenario_id,
        schemes.scheme_id,
        clinics.clinic_id,
        clinics.currency
    from schemes
    inner join clinics on schemes.currency = clinics.currency
    left join scheme_clinics
        on
            schemes.scenario_id = scheme_clinics.scenario_id
            and schemes.scheme_id = scheme_clinics.scheme_id
            and clinics.clinic_id = scheme_clinics.clinic_id
    where schemes.covers_all_clinics or scheme_clinics.clinic_id is not null
),

module_starts as (
    select
        scenario_id,
        scheme_id,
        module,
        min(valid_from) as first_day
    from module_rates
    group by scenario_id, scheme_id, module
),

-- A refund counts in its own month, at the terms of the work that it takes back: a full reversal must come to zero.
lines as (
    select
        service_lines.*,
        work.local_date as terms_date,
        work.service_stage as terms_stage,
        coalesce(
            service_lines.direct_cost_amount, work.norm_direct_cost_amount * service_lines.quantity
        ) as known_cost_amount
    from service_lines
    left join service_lines as originals on service_lines.original_line_id = originals.service_line_id
    inner join service_lines as work
        on coalesce(originals.service_line_id, service_lines.service_line_id) = work.service_line_id
    where service_lines.is_performed
),

recognised as (
    select
        covered_clinics.scenario_id,
        covered_clinics.scheme_id,
        covered_clinics.currency as scheme_currency,
        modules.module,
        lines.*
    from covered_clinics
    inner join modules
        on covered_clinics.scenario_id = modules.scenario_id and covered_clinics.scheme_id = modules.scheme_id
    inner join module_starts
        on
            modules.scenario_id = module_starts.scenario_id
            and modules.scheme_id = module_starts.scheme_id
            and modules.module = module_starts.module
    inner join lines
        on
            covered_clinics.clinic_id = lines.clinic_id
            and modules.stage = lines.terms_stage
            and module_starts.first_day <= lines.terms_date
),

final as (
    select
        cast({{ surrogate_key(['scenario_id', 'module', 'service_line_id']) }} as string) as event_id,
        cast(scenario_id as string) as scenario_id,
        cast(scheme_id as string) as scheme_id,
        cast(module as string) as module,
        cast(service_line_id as string) as service_line_id,
        cast(original_line_id as string) as original_line_id,
        cast(clinic_id as string) as clinic_id,
        cast(service_id as string) as service_id,
        cast(scheme_currency as string) as currency,
        cast(is_refund as boolean) as is_refund,
        cast(net_amount as decimal(38, 10)) as net_amount,
        cast(known_cost_amount as decimal(38, 10)) as direct_cost_amount,
        cast({{ dbt.date_trunc('month', 'local_date') }} as date) as period_month,
        cast(local_date as date) as local_date,
        cast(terms_date as date) as terms_date
    from recognised
)

select * from final
