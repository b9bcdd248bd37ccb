"""The marts of the tricky clinics, each figure worked out by hand from `tricky_clinics.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tricky_build import Built

UTILISATION, COMMERCE, POTENTIAL, FINANCE, TRIUNE = (
    f"mart_{name}__clinic_day" for name in ("utilisation", "commerce", "potential", "finance", "triune")
)
K1, K2, KX, ARTICLE, SLOTS = "mis:K1", "mis:K2", "mis:KX", "mis:ART", "slots_only:K1"

FIGURES: dict[tuple[str, str, str], dict[str, str | int | None]] = {
    (UTILISATION, K1, "2026-03-02"): {
        "appointments": 8,
        "appointments_attended": 7,
        "appointments_no_show": 1,
        "slots_sold": 5,  # V1 V2 V3 V6 V8
        "imputed_times": 2,  # V3 V8
        "visits_without_resource": 1,
        "room_hours": "9",  # 09-20 without 12-13 and 19-20; R2 opens on Mondays only from the 3rd
        "shift_hours": "5",  # 06-11 once
        "doctor_hours": "6.25",  # and 11:00-11:30, 13:00-13:15, 14:00-14:30
        "overtime_hours": "1.25",
        "sold_hours": "2.25",  # 06:05-06:50 once, 45 min, 15 min, 30 min
        "unstaffed_hours": "2.75",
        "unsold_hours": "4",
        "attended_minutes": "200",  # V1 30, V2 30, V3 45, V5 20, V6 15, V7 30, V8 30
        "doctor_fill_rate": "0.694444",
        "patient_fill_rate": "0.36",
        "capacity_utilisation": "0.25",
        "slots_per_hour": "2.222222",
        "slotted_revenue_amount": "2250",  # L1 L2 L5 L9
        "unslotted_revenue_amount": "599.99",  # L3 L4 L8
        "slot_value": "450",
        "hour_value": "1000",
        "revenue_per_available_hour": "316.67",
        "slots_offered": 0,
        "slot_fill_rate": None,
    },
    (UTILISATION, K1, "2026-03-03"): {
        "room_hours": "3.5",  # R1 by its dated rule 2, R2 1.5
        "sold_hours": "0.5",  # V9
        "doctor_hours": "0.5",
        "shift_hours": "0",
        "slotted_revenue_amount": "64",
        "unslotted_revenue_amount": "-474",
        "hour_value": "128",
    },
    (UTILISATION, K1, "2026-03-04"): {"room_hours": "0", "appointments": 0, "revenue_amount": "0", "hour_value": None},
    (UTILISATION, K1, "2026-03-09"): {"room_hours": "11", "appointments_scheduled": 1, "attended_minutes": "0"},
    (UTILISATION, K2, "2026-03-02"): {
        "slotted_revenue_amount": "0",
        "unslotted_revenue_amount": "20",
        "sold_hours": "0",
    },
    (UTILISATION, K2, "2026-03-03"): {
        "slotted_revenue_amount": "21",
        "unslotted_revenue_amount": "0",
        "sold_hours": "0.5",
    },
    (UTILISATION, ARTICLE, "2026-03-02"): {
        "room_hours": "50",
        "doctor_hours": "25",
        "sold_hours": "15",
        "doctor_fill_rate": "0.5",
        "capacity_utilisation": "0.3",
        "hour_value": "1000",
        "revenue_per_available_hour": "300",
    },
    (UTILISATION, SLOTS, "2026-03-02"): {
        "slots_offered": 4,
        "slots_booked": 3,
        "slot_fill_rate": "0.75",
        "appointments_attended": 1,
        "room_hours": None,
        "sold_hours": None,
        "slots_sold": None,
        "attended_minutes": None,
        "visits_without_resource": None,
        "revenue_amount": None,
        "unslotted_revenue_amount": None,
    },
    (COMMERCE, K1, "2026-03-02"): {
        "primary_patients": 3,  # P1 P2 P3; P4 came with a complaint
        "secondary_patients": 0,
        "paid_visits": 3,
        "complaint_visits": 1,
        "leads": 4,  # at 00:30 on the 2nd in Moscow
        "leads_booked": 3,
        "lead_to_booking_rate": "0.75",
        "first_bookings_due": 2,
        "first_bookings_attended": 1,
        "show_rate": "0.5",
        "revenue_primary_amount": "2700",
        "revenue_secondary_amount": "50",  # P4 has no paid visit at all
        "revenue_unattributed_amount": "99.99",
        "marketing_spend_amount": "300.01",
        "revenue_per_primary": "900",
        "avg_visit_value": "950",  # 2849.99 / 3 = 949.9966…
        "cost_per_lead": "75",  # 75.0025
    },
    (COMMERCE, K1, "2026-03-03"): {
        "primary_patients": 1,  # P7
        "secondary_patients": 1,  # P1
        "revenue_primary_amount": "64",
        "revenue_secondary_amount": "-474",
        "revenue_amount": "-410",
    },
    (COMMERCE, SLOTS, "2026-03-02"): {"leads": None, "primary_patients": None, "revenue_unattributed_amount": None},
    (POTENTIAL, K1, "2026-03-02"): {
        "consultations": 2,
        "consultations_with_plan": 1,  # V2's plan is a draft
        "plan_rate": "0.5",
        "plans_presented": 1,
        "presented_amount": "1600",  # I1 and I3, the first of the alternatives
        "plan_margin_amount": "1449.5",
        "accepted_amount": "700",
        "performed_amount": "1132",  # L9 L11 L14
        "acceptance_rate": "0.4375",
        "revenue_new_plans_amount": "700",
        "revenue_earlier_plans_amount": "0",
        "revenue_unpresented_plans_amount": "0",
        "revenue_without_plan_amount": "2149.99",
    },
    (POTENTIAL, K1, "2026-03-03"): {
        "revenue_new_plans_amount": "0",
        "revenue_earlier_plans_amount": "432",  # L11 L14
        "revenue_unpresented_plans_amount": "94",  # L12 unknown, L13 draft, L15 presented later
        "revenue_without_plan_amount": "-936",
    },
    (POTENTIAL, K1, "2026-03-05"): {"plans_presented": 1, "presented_amount": "33", "performed_amount": "33"},
    (FINANCE, K1, "2026-03-02"): {
        "service_lines": 7,
        "refund_lines": 0,
        "gross_amount": "3049.99",
        "discount_amount": "200",
        "net_revenue_amount": "2849.99",
        "direct_cost_amount": "145.63",  # 120.50 recorded, 2.5 × 10.05 = 25.125 by norm
        "direct_cost_by_norm_amount": "25.13",
        "contribution_amount": "2704.36",
        "movements": 3,
        "cash_amount": "1400",
        "payments": 1,
        "payments_amount": "1000",
        "deposits_amount": "500",
        "refunds_amount": "-100",
        "chargebacks": 0,
        "invoices": 1,
        "invoiced_amount": "1000",
    },
    (FINANCE, K1, "2026-03-03"): {"refund_lines": 1, "refund_amount": "-1000", "direct_cost_amount": "-25.13"},
    (TRIUNE, K1, "2026-03-02"): {
        "ledger_revenue_amount": "2849.99",
        "commerce_revenue_amount": "2849.99",
        "utilisation_revenue_amount": "2849.99",
        "potential_revenue_amount": "2849.99",
        "is_tied": 1,
        "unattributed_share": "0.035084",
    },
    (TRIUNE, KX, "2026-03-04"): {
        "ledger_revenue_amount": "10.01",
        "utilisation_revenue_amount": "10.01",
        "currency": None,
    },
    (TRIUNE, SLOTS, "2026-03-02"): {"ledger_revenue_amount": None, "is_tied": None, "commerce_revenue_amount": None},
}


@pytest.mark.parametrize(("mart", "clinic", "day"), FIGURES)
def test_figures_are_those_worked_out_by_hand(built: Built, mart: str, clinic: str, day: str) -> None:
    expected = FIGURES[mart, clinic, day]
    rows = built.warehouse.query(
        f"select {', '.join(expected)} from marts.{mart} where clinic_id = '{clinic}' and local_date = '{day}'"
    )
    assert len(rows) == 1
    shown = dict(zip(expected, rows[0], strict=True))
    assert shown == {name: None if value is None else _number(value) for name, value in expected.items()}


def test_the_calendar_runs_from_the_first_event_or_export_to_the_last(built: Built) -> None:
    spans = built.warehouse.query(
        "select clinic_id, min(local_date)::varchar, max(local_date)::varchar, count(*)"
        f" from marts.{TRIUNE} group by all order by all"
    )
    assert spans == [
        (ARTICLE, "2026-03-01", "2026-03-06", 6),
        (K1, "2026-03-01", "2026-03-09", 9),
        (K2, "2026-03-01", "2026-03-06", 6),
        (KX, "2026-03-01", "2026-03-06", 6),
        (SLOTS, "2026-03-02", "2026-03-02", 1),
    ]


def test_what_a_source_does_not_deliver_is_listed_with_what_it_needs(built: Built) -> None:
    listed = dict(
        built.warehouse.query(
            "select metric, missing_inputs from marts.mart_triune__not_available"
            f" where source_id = 'slots_only' and mart = '{UTILISATION}'"
        )
    )
    assert listed["attended_minutes"] == "appointments.ended_at or appointments.planned_end_at"
    assert listed["hour_value"].split(", ")[0] == "appointments.ended_at or appointments.planned_end_at"
    assert "slots_offered" not in listed
    assert built.warehouse.query("select count(*) from marts.mart_triune__not_available where source_id = 'mis'") == [
        (0,)
    ]


def _number(value: Any) -> Decimal:
    return Decimal(value)
