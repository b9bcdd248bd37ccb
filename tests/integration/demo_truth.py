"""What truth.json says, in the words of the marts: measure → mart and column; kind of dirt → how it is quarantined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

MEASURES = {
    **{
        f"appointments_{status}": f"utilisation.appointments_{status}"
        for status in ("scheduled", "attended", "no_show", "cancelled", "rescheduled", "unknown")
    },
    "complaint_visits": "commerce.complaint_visits",
    "consultations": "potential.consultations",
    "consultations_with_plan": "potential.consultations_with_plan",
    "attended_seconds": "utilisation.attended_seconds",
    "slots_sold": "utilisation.slots_sold",
    "sold_seconds": "utilisation.sold_seconds",
    "shift_seconds": "utilisation.shift_seconds",
    "overtime_seconds": "utilisation.doctor_seconds - utilisation.shift_seconds",
    "doctor_seconds": "utilisation.doctor_seconds",
    "room_seconds": "utilisation.room_seconds",
    "net_revenue": "finance.net_revenue_amount",
    "gross_revenue": "finance.gross_amount",
    "discount_amount": "finance.discount_amount",
    "primary_revenue": "commerce.revenue_primary_amount",
    "secondary_revenue": "commerce.revenue_secondary_amount",
    "unattributed_revenue": "commerce.revenue_unattributed_amount",
    "paid_visits": "commerce.paid_visits",
    "primary_patients": "commerce.primary_patients",
    "secondary_patients": "commerce.secondary_patients",
    "slotted_revenue": "utilisation.slotted_revenue_amount",
    "unslotted_revenue": "utilisation.unslotted_revenue_amount",
    "revenue_from_new_plans": "potential.revenue_new_plans_amount",
    "revenue_from_earlier_plans": "potential.revenue_earlier_plans_amount",
    "revenue_from_unpresented_plans": "potential.revenue_unpresented_plans_amount",
    "revenue_without_plan": "potential.revenue_without_plan_amount",
    "plans_presented": "potential.plans_presented",
    "presented_value": "potential.presented_amount",
    "accepted_value": "potential.accepted_amount",
    "payments": "finance.movements",
    "payments_amount": "finance.cash_amount",
    "leads": "commerce.leads",
    "leads_booked": "commerce.leads_booked",
    "first_bookings_due": "commerce.first_bookings_due",
    "first_bookings_attended": "commerce.first_bookings_attended",
    "marketing_spend": "commerce.marketing_spend_amount",
}

# Stage, column and rule of the quarantine entry that each kind of planted row must leave.
DIRT = {
    ("appointments", "unparsable_date"): ("read", "planned_start_at", "not_a_date_and_time"),
    ("appointments", "unknown_code"): ("read", "status", "unknown_value"),
    ("appointments", "duplicate_key"): ("guard", "appointment_id", "key_is_unique"),
    ("appointments", "too_few_fields"): ("read", None, "broken_row"),
    ("service_lines", "unparsable_date"): ("read", "performed_at", "not_a_date_and_time"),
    ("service_lines", "wrong_decimal"): ("read", "net_amount", "not_a_number"),
    ("service_lines", "negative_price"): ("guard", "net_amount", "negative_line_is_a_refund"),
    ("service_lines", "duplicate_key"): ("guard", "service_line_id", "key_is_unique"),
    ("payments", "wrong_decimal"): ("read", "payment_amount", "not_a_number"),
    ("payments", "unknown_code"): ("read", "payment_kind", "unknown_value"),
    ("expenses", "not_a_number"): ("read", "expense_amount", "not_a_number"),
    ("shifts", "end_before_start"): ("guard", "ends_at", "ends_at_is_not_before_starts_at"),
}


def joined_marts(group: str, last_day: str) -> str:
    """SELECT of every measure from the marts, by `group` (columns of the marts, or none).

    The truth states the hours of rooms for the days of the demo alone: they are summed up to `last_day`.
    """
    columns = ", ".join(
        f"sum({expression}) filter (local_date <= date '{last_day}')"
        if name == "room_seconds"
        else f"sum({expression})"
        for name, expression in MEASURES.items()
    )
    grouped = f"group by {group} order by {group}" if group else ""
    return f"""
        select {group + ", " if group else ""}{columns}
        from mart_utilisation__clinic_day as utilisation
        join mart_commerce__clinic_day as commerce using (clinic_id, local_date)
        join mart_potential__clinic_day as potential using (clinic_id, local_date)
        join mart_finance__clinic_day as finance using (clinic_id, local_date)
        {grouped}
    """


def expected(totals: dict[str, Any]) -> list[Decimal | None]:
    """Values of truth.json in the order of `joined_marts`."""
    return [None if totals[name] is None else Decimal(totals[name]) for name in MEASURES]


def differences(found: list[Any], totals: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Measure → (marts, truth), where they differ; a measure that the truth does not state is not compared."""
    pairs = zip(MEASURES, found, expected(totals), strict=True)
    return {name: (value, truth) for name, value, truth in pairs if truth is not None and value != truth}
