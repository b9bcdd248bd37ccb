with

service_lines as (
    select * from {{ ref('fct_service_lines') }}
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

visits as (
    select * from {{ ref('int_hours__taken') }}
    where taken_by = 'visit'
),

-- The direct cost recorded on the line, else the norm of its service on the day of the work: a refund takes back that.
-- The norm is widened first: a product keeps the width of its factors.
costed as (
    select
        service_lines.*,
        case
            when service_lines.direct_cost_amount is null
                then cast(
                    case
                        when originals.service_line_id is null then service_lines.norm_direct_cost_amount
                        else originals.norm_direct_cost_amount
                    end as decimal(28, 2)
                ) * service_lines.quantity
        end as norm_cost_amount
    from service_lines
    left join service_lines as originals on service_lines.original_line_id = originals.service_line_id
    where service_lines.is_performed
),

final as (
    select
        cast(costed.service_line_id as string) as service_line_id,
        cast(costed.source_id as string) as source_id,
        cast(costed.clinic_id as string) as clinic_id,
        cast(employees.specialty as string) as specialty,
        cast(costed.employee_id as string) as employee_id,
        cast(visits.resource_id as string) as resource_id,
        cast(costed.patient_id as string) as patient_id,
        cast(costed.service_id as string) as service_id,
        cast(costed.appointment_id as string) as appointment_id,
        cast(costed.plan_id as string) as plan_id,
        cast(costed.plan_item_id as string) as plan_item_id,
        cast(costed.invoice_id as string) as invoice_id,
        cast(costed.original_line_id as string) as original_line_id,
        cast(costed.resource_id as string) as device_id,
        cast(costed.service_stage as string) as service_stage,
        cast(costed.visit_kind as string) as visit_kind,
        cast(costed.fee_level as string) as fee_level,
        cast(costed.payer as string) as payer,
        cast(costed.currency as string) as currency,
        cast(costed.is_refund as boolean) as is_refund,
        cast(coalesce(costed.is_complaint, false) as boolean) as is_complaint,
        cast(visits.taken_by_id is not null as boolean) as is_slotted,
        cast(costed.direct_cost_amount is null and costed.norm_cost_amount is not null as boolean) as is_cost_by_norm,
        cast(costed.quantity as decimal(18, 4)) as quantity,
        cast(costed.list_amount as decimal(18, 2)) as list_amount,
        cast(costed.discount_amount as decimal(18, 2)) as discount_amount,
        cast(costed.net_amount as decimal(18, 2)) as net_amount,
        -- Not rounded: quantities have four decimals, and only a sum that is shown is rounded.
        cast(coalesce(costed.direct_cost_amount, costed.norm_cost_amount, 0) as decimal(38, 6)) as direct_cost_amount,
        cast(costed.plan_presented_on as date) as plan_presented_on,
        cast(costed.local_date as date) as local_date,
        cast(costed.performed_at as timestamp) as performed_at
    from costed
    left join employees
        on costed.employee_id = employees.employee_id and {{ is_version_of('employees', 'costed.local_date') }}
    -- The hour that earned the money is a sold hour of the same clinic and day.
    left join visits
        on
            costed.appointment_id = visits.taken_by_id
            and costed.clinic_id = visits.clinic_id
            and costed.local_date = visits.local_date
)

select * from final
