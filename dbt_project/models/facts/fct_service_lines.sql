{{
    config(
        materialized='incremental',
        incremental_strategy='replace_days',
        on_schema_change='fail',
        meta={'rebuild': {'entities': ['service_lines'], 'inherits': [
            {'model': 'dim_service_history', 'key': {'service_id': 'service_id'}, 'is_dated': true, 'columns': {
                'service_stage': 'service_stage',
                'norm_direct_cost_amount': 'norm_direct_cost_amount'
            }},
            {'model': 'dim_employee_history', 'key': {'employee_id': 'employee_id'}, 'is_dated': true, 'columns': {
                'staff_role': 'staff_role'
            }},
            {
                'model': 'dim_price_history',
                'key': {'service_id': 'service_id', 'clinic_id': 'clinic_id', 'fee_level': 'fee_level'},
                'is_dated': true,
                'columns': {'list_price_amount': 'price_amount'}
            },
            {'model': 'dim_resource_history', 'key': {'appointment_resource_id': 'resource_id'}, 'is_dated': true, 'columns': {
                'is_on_capacity': 'is_capacity'
            }},
            {'model': 'fct_appointments', 'key': {'appointment_id': 'appointment_id'}, 'columns': {
                'appointment_clinic_id': 'clinic_id',
                'appointment_resource_id': 'resource_id',
                'appointment_status': 'appointment_status',
                'visit_kind': 'visit_kind',
                'is_complaint': 'is_complaint',
                'appointment_local_date': 'local_date'
            }},
            {'model': 'fct_plan_items', 'key': {'plan_item_id': 'plan_item_id'}, 'columns': {
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
    select * from {{ ref('dim_service_history') }}
),

employees as (
    select * from {{ ref('dim_employee_history') }}
),

prices as (
    select * from {{ ref('dim_price_history') }}
),

resources as (
    select * from {{ ref('dim_resource_history') }}
),

appointments as (
    select * from {{ ref('fct_appointments') }}
),

plan_items as (
    select * from {{ ref('fct_plan_items') }}
),

placed as (
    select
        service_lines.*,
        clinics.currency,
        clinics.time_zone,
        {{ local_date('service_lines.performed_at', 'clinics.time_zone') }} as local_date
    from service_lines
    inner join clinics on service_lines.clinic_id = clinics.clinic_id
),

-- Reference data as they were on the line's own day.
joined as (
    select
        placed.*,
        services.service_stage,
        services.norm_direct_cost_amount,
        employees.staff_role,
        prices.price_amount as list_price_amount,
        appointments.clinic_id as appointment_clinic_id,
        appointments.resource_id as appointment_resource_id,
        appointments.appointment_status,
        appointments.visit_kind,
        appointments.is_complaint,
        appointments.local_date as appointment_local_date,
        resources.is_capacity as is_on_capacity,
        plan_items.plan_id,
        plan_items.plan_presented_on
    from placed
    left join services
        on placed.service_id = services.service_id and {{ is_version_of('services', 'placed.local_date') }}
    left join employees
        on placed.employee_id = employees.employee_id and {{ is_version_of('employees', 'placed.local_date') }}
    left join prices
        on
            placed.service_id = prices.service_id
            and placed.clinic_id = prices.clinic_id
            and placed.fee_level = prices.fee_level
            and {{ is_version_of('prices', 'placed.local_date') }}
    left join appointments on placed.appointment_id = appointments.appointment_id
    left join resources
        on
            appointments.resource_id = resources.resource_id
            and {{ is_version_of('resources', 'placed.local_date') }}
    left join plan_items on placed.plan_item_id = plan_items.plan_item_id
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
        cast(staff_role as string) as staff_role,
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
        cast(list_price_amount as decimal(18, 2)) as list_price_amount,
        cast(list_amount as decimal(18, 2)) as list_amount,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(direct_cost_amount as decimal(18, 2)) as direct_cost_amount,
        cast(norm_direct_cost_amount as decimal(18, 2)) as norm_direct_cost_amount,
        cast(local_date as date) as local_date,
        cast(appointment_local_date as date) as appointment_local_date,
        cast(plan_presented_on as date) as plan_presented_on,
        cast(performed_at as timestamp) as performed_at
    from marked
)

select * from final
{{ only_days_to_rebuild() }}
