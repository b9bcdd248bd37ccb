{# Generated from models/targets by `make catalogue`; edit there. #}
{% macro targeted_metrics() -%}
    {{ return({
        'mart_commerce__tree': ['primary_patients'],
        'mart_kpi__periods': ['net_per_clinical_hour', 'net_revenue_amount', 'no_shows_per_day', 'rebooked_share', 'unused_hours_share'],
        'mart_utilisation__tree': ['hour_value'],
    }) }}
{%- endmacro %}
