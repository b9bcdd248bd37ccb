with

source as (
    {{ latest_version(
        'service_lines', ['service_line_id'], updated_at='updated_at',
        renamed={
            'patient_id': 'patients', 'appointment_id': 'appointments', 'service_id': 'services',
            'employee_id': 'employees', 'ordered_by_employee_id': 'employees',
            'resource_id': 'resources'
        }
    ) }}
),

final as (
    select
        cast({{ qualified_id('service_line_id') }} as string) as service_line_id,
        cast({{ qualified_id('original_line_id') }} as string) as original_line_id,
        cast({{ qualified_id('clinic_id') }} as string) as clinic_id,
        cast({{ qualified_id('patient_id') }} as string) as patient_id,
        cast({{ qualified_id('appointment_id') }} as string) as appointment_id,
        cast({{ qualified_id('plan_item_id') }} as string) as plan_item_id,
        cast({{ qualified_id('service_id') }} as string) as service_id,
        cast({{ qualified_id('employee_id') }} as string) as employee_id,
        cast({{ qualified_id('ordered_by_employee_id') }} as string) as ordered_by_employee_id,
        cast({{ qualified_id('resource_id') }} as string) as resource_id,
        cast({{ qualified_id('invoice_id') }} as string) as invoice_id,
        cast(_source as string) as source_id,
        cast(fee_level as string) as fee_level,
        cast(payer as string) as payer,
        cast(status as string) as line_status,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(list_amount as decimal(18, 2)) as list_amount,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(direct_cost_amount as decimal(18, 2)) as direct_cost_amount,
        cast(performed_at as timestamp) as performed_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_file as string) as export_file,
        cast(_row as bigint) as export_row,
        cast(_export_date as date) as export_date
    from source
)

select * from final
