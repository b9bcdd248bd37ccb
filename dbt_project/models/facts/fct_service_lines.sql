{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entity': 'service_lines', 'inherits': [
            {'model': 'dim_service', 'key': 'service_id', 'parent_key': 'service_id', 'columns': {'service_stage': 'service_stage'}},
            {'model': 'dim_resource', 'key': 'appointment_resource_id', 'parent_key': 'resource_id', 'columns': {
                'is_on_capacity': 'is_capacity'
            }},
            {'model': 'fct_appointments', 'key': 'appointment_id', 'parent_key': 'appointment_id', 'columns': {
                'appointment_clinic_id': 'clinic_id',
                'appointment_resource_id': 'resource_id',
                'appointment_status': 'appointment_status',
                'visit_kind': 'visit_kind',
                'is_complaint': 'is_complaint',
                'appointment_local_date': 'local_date'
            }},
            {'model': 'fct_plan_items', 'key': 'plan_item_id', 'parent_key': 'plan_item_id', 'columns': {
                'plan_id': 'plan_id',
                'plan_presented_on': 'plan_presented_on'
            }}
        ]}}
    )
}}
with

service_lines as (
    select * from {{ ref('stg_service_lines') }}
    {{ only_moments_to_rebuild('performed_at') }}
),

clinics as (
    select * from {{ ref('dim_clinic') }}
),

services as (
    select * from {{ ref('dim_service') }}
),

resources as (
    select * from {{ ref('dim_resource') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

plan_items as (
    select * from {{ ref('fct_plan_items') }}
),

joined as (
    select
        service_lines.*,
        clinics.currency,
        clinics.time_zone,
        {{ local_date('service_lines.performed_at', 'clinics.time_zone') }} as local_date,
        services.service_stage,
        appointments.clinic_id as appointment_clinic_id,
        appointments.resource_id as appointment_resource_id,
        appointments.appointment_status,
        appointments.visit_kind,
        appointments.is_complaint,
        appointments.local_date as appointment_local_date,
        resources.is_capacity as is_on_capacity,
        plan_items.plan_id,
        plan_items.plan_presented_on
    from service_lines
    inner join clinics on service_lines.clinic_id = clinics.clinic_id
    left join services on service_lines.service_id = services.service_id
    left join appointments on service_lines.appointment_id = appointments.appointment_id
    left join resources on appointments.resource_id = resources.resource_id
    left join plan_items on service_lines.plan_item_id = plan_items.plan_item_id
),

-- Slotted: the hour that earned the money is a sold hour of the same clinic and day.
marked as (
    select
        *,
        line_status = 'performed' as is_performed,
        original_line_id is not null or quantity < 0 as is_refund,
        coalesce(
            line_status = 'performed'
            and appointment_status = 'attended'
            and is_on_capacity
            and appointment_clinic_id = clinic_id
            and appointment_local_date = local_date,
            false
        ) as is_slotted
    from joined
),

final as (
    select
        cast(service_line_id as string) as service_line_id,
        cast(source_id as string) as source_id,
        cast(clinic_id as string) as clinic_id,
        cast(patient_id as string) as patient_id,
        cast(original_line_id as string) as original_line_id,
        cast(service_id as string) as service_id,
        cast(employee_id as string) as employee_id,
        cast(ordered_by_employee_id as string) as ordered_by_employee_id,
        cast(resource_id as string) as resource_id,
        cast(appointment_id as string) as appointment_id,
        cast(appointment_clinic_id as string) as appointment_clinic_id,
        cast(appointment_resource_id as string) as appointment_resource_id,
        cast(plan_item_id as string) as plan_item_id,
        cast(plan_id as string) as plan_id,
        cast(invoice_id as string) as invoice_id,
        cast(line_status as string) as line_status,
        cast(service_stage as string) as service_stage,
        cast(appointment_status as string) as appointment_status,
        cast(visit_kind as string) as visit_kind,
        cast(fee_level as string) as fee_level,
        cast(payer as string) as payer,
        cast(currency as string) as currency,
        cast(time_zone as string) as time_zone,
        cast(is_performed as boolean) as is_performed,
        cast(is_refund as boolean) as is_refund,
        cast(is_complaint as boolean) as is_complaint,
        cast(is_on_capacity as boolean) as is_on_capacity,
        cast(is_slotted as boolean) as is_slotted,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(list_amount as decimal(18, 2)) as list_amount,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(direct_cost_amount as decimal(18, 2)) as direct_cost_amount,
        cast(local_date as date) as local_date,
        cast(appointment_local_date as date) as appointment_local_date,
        cast(plan_presented_on as date) as plan_presented_on,
        cast(performed_at as timestamp) as performed_at
    from marked
)

select * from final
{{ only_days_to_rebuild() }}
