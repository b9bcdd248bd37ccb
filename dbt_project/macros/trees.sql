{# Generated from models/metrics by `make catalogue`; edit there. #}
{% macro trees() -%}
    {{ return({
        'commerce': {'mart': 'mart_commerce__tree', 'branches': {
            'revenue_primary_amount': [
                {'name': 'primary_patients', 'figure': 'primary_patients', 'is_amount': False, 'unit': 'count', 'numerator': 1, 'denominator': 1},
                {'name': 'visits_per_primary', 'figure': 'primary_visits', 'is_amount': False, 'unit': 'number', 'numerator': 1, 'denominator': 1},
                {'name': 'avg_primary_visit_value', 'figure': 'revenue_primary_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
            'revenue_secondary_amount': [
                {'name': 'secondary_patients', 'figure': 'secondary_patients', 'is_amount': False, 'unit': 'count', 'numerator': 1, 'denominator': 1},
                {'name': 'visits_per_secondary', 'figure': 'secondary_visits', 'is_amount': False, 'unit': 'number', 'numerator': 1, 'denominator': 1},
                {'name': 'avg_secondary_visit_value', 'figure': 'revenue_secondary_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
            'revenue_unattributed_amount': [
                {'name': 'revenue_unattributed_amount', 'figure': 'revenue_unattributed_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
        }},
        'utilisation': {'mart': 'mart_utilisation__tree', 'branches': {
            'slotted_revenue_amount': [
                {'name': 'room_hours', 'figure': 'room_seconds', 'is_amount': False, 'unit': 'hours', 'numerator': 1, 'denominator': 3600},
                {'name': 'doctor_fill_rate', 'figure': 'doctor_seconds', 'is_amount': False, 'unit': 'share', 'numerator': 1, 'denominator': 1},
                {'name': 'patient_fill_rate', 'figure': 'sold_seconds', 'is_amount': False, 'unit': 'share', 'numerator': 1, 'denominator': 1},
                {'name': 'slots_per_hour', 'figure': 'slots_sold', 'is_amount': False, 'unit': 'number', 'numerator': 3600, 'denominator': 1},
                {'name': 'slot_value', 'figure': 'slotted_revenue_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
            'unslotted_revenue_amount': [
                {'name': 'unslotted_revenue_amount', 'figure': 'unslotted_revenue_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
        }},
        'potential': {'mart': 'mart_potential__tree', 'branches': {
            'revenue_new_plans_amount': [
                {'name': 'consultations', 'figure': 'consultations', 'is_amount': False, 'unit': 'count', 'numerator': 1, 'denominator': 1},
                {'name': 'plans_per_consultation', 'figure': 'plans_presented', 'is_amount': False, 'unit': 'number', 'numerator': 1, 'denominator': 1},
                {'name': 'items_per_plan', 'figure': 'presented_items', 'is_amount': False, 'unit': 'number', 'numerator': 1, 'denominator': 1},
                {'name': 'price_per_item', 'figure': 'presented_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
                {'name': 'new_plans_realisation_rate', 'figure': 'revenue_new_plans_amount', 'is_amount': True, 'unit': 'share', 'numerator': 1, 'denominator': 1},
            ],
            'revenue_earlier_plans_amount': [
                {'name': 'revenue_earlier_plans_amount', 'figure': 'revenue_earlier_plans_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
            'revenue_unpresented_plans_amount': [
                {'name': 'revenue_unpresented_plans_amount', 'figure': 'revenue_unpresented_plans_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
            'revenue_without_plan_amount': [
                {'name': 'revenue_without_plan_amount', 'figure': 'revenue_without_plan_amount', 'is_amount': True, 'unit': 'amount', 'numerator': 1, 'denominator': 100},
            ],
        }},
    }) }}
{%- endmacro %}
