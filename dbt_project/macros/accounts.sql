{# The flows of a month of a clinic's account, in int_clinic_months__booked and of every scope. Direct costs are not rounded yet. #}
{% macro booked_flows() -%}
    {{ return(
        ['net_revenue_amount', 'stay_revenue_amount', 'direct_cost_amount', 'expense_entries', 'months_without_expenses']
        + booked_classes()
    ) }}
{%- endmacro %}

{# The classes of expenses, each with its sum. What is of no known class is `other`. #}
{% macro booked_classes() -%}
    {{ return([
        'payroll_amount', 'rent_amount', 'marketing_amount', 'administration_amount', 'materials_amount',
        'depreciation_amount', 'interest_amount', 'tax_amount', 'other_amount'
    ]) }}
{%- endmacro %}
