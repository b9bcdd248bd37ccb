"""For every expectation a row that fails it and nothing else (`also` names what cannot but fail with it)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from valid_rows import at, pseudonym

from expectations.rules import Rule
from models.contracts import Contract

Values = dict[str, Any]

LONG_AGO = date(1850, 1, 1)


@dataclass(frozen=True)
class Bad:
    """How a valid row is spoilt: `values` replace its own; on a day with `good` valid rows, `rows` of them are bad."""

    values: Values | Callable[[date], Values] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    rows: int = 1
    good: int = 1
    same_key: bool = False

    def values_on(self, day: date) -> Values:
        return self.values(day) if callable(self.values) else self.values


def bad_rows(contract: Contract, rule: Rule) -> Bad:
    """The bad rows of `rule`.

    Raises:
        KeyError: nobody has shown that this expectation can fail.
    """
    own = SPECIFIC.get(contract.entity, {})
    return own[rule.name] if rule.name in own else _of_contract(contract, rule)


def _of_contract(contract: Contract, rule: Rule) -> Bad:
    """Bad rows of the expectations that every contract leads to."""
    column = rule.columns[0]
    match rule.name:
        case "key_is_unique":
            return Bad(same_key=True)
        case "most_keys_are_usable":
            return Bad(same_key=True, rows=12, also=("key_is_unique",))
        case "day_has_rows":
            return Bad(rows=0, good=0)
    endings: dict[str, Callable[[], Bad]] = {
        f"{column}_is_given": lambda: Bad({column: None}),
        f"{column}_is_a_known_code": lambda: Bad({column: "?"}),
        f"{column}_is_a_pseudonym": lambda: Bad({column: "Ivanova Anna"}),
        f"{column}_is_plausible": lambda: Bad(_alone(contract, column)),
        f"{column}_is_not_blank": lambda: Bad({column: "  "}),
        f"{column}_is_not_after_the_export": lambda: Bad(lambda day: {column: day + timedelta(days=3)}),
    }
    return endings[rule.name]()


def _alone(contract: Contract, column: str) -> Values:
    """`column` long ago and no other optional date that it could contradict."""
    dates = {"DATE": LONG_AGO, "TIMESTAMP": at(LONG_AGO, 12)}
    stored = contract.stored_columns
    others = {name: None for name, kind in stored.items() if kind in dates and not contract.columns[name].required}
    return others | {column: dates[stored[column]]}


def _amount(value: str) -> Decimal:
    return Decimal(value)


def _score(code: str, value: str) -> Bad:
    return Bad({"score_code": code, "score_value": _amount(value)})


def _line(quantity: str, list_amount: str, discount: str, net: str, **others: Any) -> Values:
    amounts = {"quantity": quantity, "list_amount": list_amount, "discount_amount": discount, "net_amount": net}
    return {name: _amount(value) for name, value in amounts.items()} | others


_NOT_DONE = {"arrived_at": None, "started_at": None, "ended_at": None}
_NO_TIMES = {"booked_at": None, **_NOT_DONE}

SPECIFIC: dict[str, dict[str, Bad]] = {
    "appointments": {
        "cancelled_by_is_a_known_code": Bad({"cancelled_by": "?", "status": "cancelled", **_NOT_DONE}),
        "arrived_at_is_plausible": Bad(
            {**_NO_TIMES, "arrived_at": at(LONG_AGO, 9)}, also=("arrived_at_is_within_a_day_of_planned_start_at",)
        ),
        "started_at_is_plausible": Bad(
            {**_NO_TIMES, "started_at": at(LONG_AGO, 9)}, also=("started_at_is_within_a_day_of_planned_start_at",)
        ),
        "planned_end_at_is_plausible": Bad(
            {"planned_end_at": at(LONG_AGO, 9)}, also=("planned_end_at_is_not_before_planned_start_at",)
        ),
        "planned_end_at_is_not_before_planned_start_at": Bad(lambda day: {"planned_end_at": at(day, 9, 59)}),
        "planned_start_at_to_planned_end_at_is_within_24_hours": Bad(
            lambda day: {"planned_end_at": at(day, 10, 1) + timedelta(days=1)}
        ),
        "booked_at_is_not_after_planned_start_at": Bad(lambda day: {"booked_at": at(day, 10, 1) + timedelta(days=1)}),
        "ended_at_is_not_before_started_at": Bad(lambda day: {"ended_at": at(day, 10, 1)}),
        "visit_on_a_resource_is_within_24_hours": Bad(lambda day: {"ended_at": at(day, 10, 3) + timedelta(days=1)}),
        "visit_without_a_resource_is_within_24_hours": Bad(
            lambda day: {"resource_id": None, "ended_at": at(day, 10, 3) + timedelta(days=1)}
        ),
        "started_at_is_not_before_arrived_at": Bad(lambda day: {"arrived_at": at(day, 10, 3)}),
        "arrived_at_is_within_a_day_of_planned_start_at": Bad(
            lambda day: {"arrived_at": at(day, 9) - timedelta(days=1)}
        ),
        "started_at_is_within_a_day_of_planned_start_at": Bad(
            lambda day: {"started_at": at(day, 11) + timedelta(days=1), "ended_at": at(day, 12) + timedelta(days=1)}
        ),
        "attended_visit_is_not_ahead": Bad(
            lambda day: {"planned_start_at": at(day, 10) + timedelta(days=2), "planned_end_at": None, **_NOT_DONE}
        ),
        "only_attended_visits_have_actual_times": Bad({"status": "no_show"}),
        "only_cancelled_visits_say_who_cancelled": Bad({"cancelled_by": "patient"}),
        "visit_is_not_rescheduled_to_itself": Bad({"appointment_id": "A", "rescheduled_to_appointment_id": "A"}),
    },
    "balances": {
        "assets_and_debt_are_not_negative": Bad({"balance_code": "debt", "balance_amount": _amount("-0.01")}),
        "multiple_is_0_to_100": Bad({"balance_code": "multiple", "balance_amount": _amount("600000")}),
        "cash_is_not_negative": Bad({"balance_code": "cash", "balance_amount": _amount("-0.01")}),
    },
    "clinics": {
        "closed_on_is_plausible": Bad({"opened_on": None, "closed_on": LONG_AGO}),
        "time_zone_is_known": Bad({"time_zone": "Moscow"}),
        "currency_is_three_capital_letters": Bad({"currency": "руб"}),
        "closed_on_is_not_before_opened_on": Bad(lambda day: {"opened_on": day, "closed_on": day - timedelta(days=1)}),
    },
    "employee_scores": {
        "score_month_is_a_first_day": Bad({"score_month": date(2025, 2, 2)}),
        "ktu_is_0_to_5": _score("ktu", "5.01"),
        "nps_is_minus_100_to_100": _score("nps", "-101"),
        "documentation_is_a_share": _score("documentation", "95"),
        "quality_is_not_negative": _score("quality", "-0.1"),
    },
    "employees": {
        "fte_is_0_to_5": Bad({"fte": _amount("5.1")}),
        "salary_amount_is_at_least_0": Bad({"salary_amount": _amount("-1")}),
        "dismissed_on_is_not_before_hired_on": Bad(
            lambda day: {"hired_on": day, "dismissed_on": day - timedelta(days=1)}
        ),
    },
    "expenses": {"expense_amount_is_at_least_0": Bad({"expense_amount": _amount("-0.01")})},
    "id_changes": {"id_becomes_another": Bad({"new_id": "A", "old_id": "A"})},
    "invoices": {"invoice_amount_is_at_least_0": Bad({"invoice_amount": _amount("-0.01")})},
    "line_performers": {
        "participation_hours_is_0_to_24": Bad({"participation_hours": _amount("24.5")}),
        "participation_points_is_at_least_0": Bad({"participation_points": _amount("-1")}),
    },
    "marketing_spend": {"spend_amount_is_at_least_0": Bad({"spend_amount": _amount("-1")})},
    "patients": {
        "birth_year_is_plausible": Bad({"birth_year": 1899}),
        "card_is_not_merged_into_itself": Bad(
            {"patient_id": pseudonym("one"), "merged_into_patient_id": pseudonym("one")}
        ),
    },
    "payment_allocations": {"allocation_moves_money": Bad({"allocated_amount": _amount("0")})},
    "payments": {
        "money_in_is_not_negative": Bad({"payment_kind": "deposit", "payment_amount": _amount("-0.01")}),
        "money_back_is_not_positive": Bad({"payment_kind": "refund", "payment_amount": _amount("0.01")}),
        "payment_moves_money": Bad({"payment_amount": _amount("0")}),
    },
    "plan_items": {
        "plan_version_is_at_least_1": Bad({"plan_version": 0}),
        "quantity_is_positive": Bad({"quantity": _amount("0"), "item_amount": _amount("0")}),
        "price_amount_is_at_least_0": Bad(
            {"price_amount": _amount("-1"), "item_amount": _amount("0")}, also=("item_is_price_times_quantity",)
        ),
        "item_amount_is_at_least_0": Bad({"item_amount": _amount("-1")}, also=("item_is_price_times_quantity",)),
        "direct_cost_amount_is_at_least_0": Bad({"direct_cost_amount": _amount("-1")}),
        "item_is_price_times_quantity": Bad({"item_amount": _amount("99.97")}),
        "item_is_not_both_accepted_and_declined": Bad(lambda day: {"declined_at": at(day, 13)}),
    },
    "prices": {"price_amount_is_at_least_0": Bad({"price_amount": _amount("-0.01")})},
    "referrals": {
        "referral_names_its_destination": Bad({"to_employee_id": None, "to_specialty": None}),
        "referral_is_to_another_doctor": Bad({"from_employee_id": "E", "to_employee_id": "E"}),
        "performed_referral_has_its_visit": Bad({"outcome": "performed", "to_appointment_id": None}),
        "referral_leads_to_another_visit": Bad({"from_appointment_id": "A", "to_appointment_id": "A"}),
    },
    "resource_hours": {
        "on_date_is_plausible": Bad({"on_date": LONG_AGO, "weekday": None}),
        "valid_from_is_plausible": Bad({"valid_from": LONG_AGO}),
        "valid_to_is_plausible": Bad({"valid_to": LONG_AGO}, also=("valid_to_is_not_before_valid_from",)),
        "weekday_is_1_to_7": Bad({"weekday": 0}),
        "rule_has_a_date_or_a_weekday": Bad(lambda day: {"on_date": day}),
        "closes_at_is_after_opens_at": Bad({"closes_at": time(9)}),
        "valid_to_is_not_before_valid_from": Bad(lambda day: {"valid_from": day, "valid_to": day - timedelta(days=1)}),
        "weekday_rule_has_a_first_date": Bad({"valid_from": None}),
    },
    "resources": {
        "valid_to_is_not_before_valid_from": Bad(lambda day: {"valid_from": day, "valid_to": day - timedelta(days=1)}),
        "purchase_cost_amount_is_at_least_0": Bad({"purchase_cost_amount": _amount("-1")}),
    },
    "service_lines": {
        "net_is_list_less_discount": Bad({"net_amount": _amount("89.89")}),
        "most_lines_add_up": Bad({"net_amount": _amount("0")}, rows=10, also=("net_is_list_less_discount",)),
        "discount_is_not_larger_than_list": Bad(_line("-1", "-100", "-150", "50", original_line_id="L")),
        "discount_has_the_sign_of_list": Bad(_line("1", "100", "-10", "110")),
        "negative_line_is_a_refund": Bad(_line("0", "-500", "0", "-500"), also=("line_with_an_amount_has_a_quantity",)),
        "quantity_has_the_sign_of_list": Bad(_line("1", "-100", "0", "-100", original_line_id="L")),
        "direct_cost_of_a_sale_is_not_negative": Bad({"direct_cost_amount": _amount("-1")}),
        "line_with_an_amount_has_a_quantity": Bad({"quantity": _amount("0")}),
        "line_does_not_take_back_itself": Bad({"service_line_id": "L", "original_line_id": "L"}),
        "quantity_is_minus_10000_to_10000": Bad({"quantity": _amount("10001")}),
    },
    "services": {
        "norm_minutes_is_0_to_1440": Bad({"norm_minutes": _amount("1441")}),
        "norm_direct_cost_amount_is_at_least_0": Bad({"norm_direct_cost_amount": _amount("-1")}),
    },
    "shifts": {
        "starts_at_is_plausible": Bad(
            {"starts_at": at(LONG_AGO, 9)}, also=("starts_at_to_ends_at_is_within_24_hours",)
        ),
        "ends_at_is_plausible": Bad({"ends_at": at(LONG_AGO, 9)}, also=("ends_at_is_not_before_starts_at",)),
        "ends_at_is_not_before_starts_at": Bad(lambda day: {"ends_at": at(day, 8, 59)}),
        "starts_at_to_ends_at_is_within_24_hours": Bad(lambda day: {"ends_at": at(day, 9, 1) + timedelta(days=1)}),
    },
    "slots": {"slot_minutes_is_1_to_1440": Bad({"slot_minutes": _amount("0.25")})},
    "stay_charges": {"charge_amount_is_at_least_0": Bad({"charge_amount": _amount("-1")})},
    "stays": {
        "departed_on_is_plausible": Bad({"departed_on": LONG_AGO}, also=("departed_on_is_not_before_arrived_on",)),
        "departed_on_is_not_before_arrived_on": Bad(lambda day: {"departed_on": day - timedelta(days=1)}),
        "stay_is_within_a_year": Bad(lambda day: {"departed_on": day + timedelta(days=367)}),
        "departed_guest_has_a_departure": Bad({"status": "departed", "departed_on": None}),
    },
    "timesheets": {"worked_hours_is_0_to_24": Bad({"worked_hours": _amount("24.01")})},
    "treatment_plans": {
        "plan_version_is_at_least_1": Bad({"plan_version": 0}),
        "signed_at_is_not_before_presented_at": Bad(lambda day: {"signed_at": at(day, 11) - timedelta(days=1)}),
        "closed_at_is_not_before_presented_at": Bad(lambda day: {"closed_at": at(day, 11) - timedelta(days=1)}),
        "presented_at_is_not_after_the_export": Bad(
            lambda day: {"presented_at": at(day, 12) + timedelta(days=3), "signed_at": None, "closed_at": None}
        ),
        "plan_has_a_clinic_or_a_consultation": Bad({"clinic_id": None, "appointment_id": None}),
        "shown_plan_says_when": Bad({"status": "accepted", "presented_at": None}),
    },
}

# Rows that look odd and are right: they pass every expectation.
FINE: dict[str, list[Values]] = {
    "appointments": [
        {"status": "cancelled", "cancelled_by": "clinic", **_NOT_DONE},
        {"started_at": datetime(2025, 3, 3, 9, 56), "arrived_at": datetime(2025, 3, 3, 9, 56)},
        {"ended_at": datetime(2025, 3, 4, 10, 2), "started_at": datetime(2025, 3, 3, 10, 2)},
    ],
    "balances": [{"balance_code": "multiple", "balance_amount": _amount("0")}],
    "clinics": [{"closed_on": date(9999, 12, 31)}],
    "employee_scores": [{"score_code": "nps", "score_value": _amount("-100")}],
    "employees": [{"fte": _amount("5")}, {"fte": _amount("0")}, {"dismissed_on": date(9999, 12, 31)}],
    "invoices": [{"invoice_amount": _amount("0")}],
    "patients": [{"birth_year": 1900}, {"birth_year": 2025}],
    "payments": [
        {"payment_kind": "refund", "payment_amount": _amount("-100")},
        {"status": "pending", "paid_at": datetime(2025, 4, 3, 12)},
    ],
    "plan_items": [
        {"quantity": _amount("0.1"), "price_amount": _amount("12.35"), "item_amount": _amount("1.23")},
        {
            "quantity": _amount("99999999999999.9999"),
            "price_amount": _amount("0"),
            "item_amount": _amount("0"),
        },
    ],
    "prices": [{"price_amount": _amount("0")}],
    "resource_hours": [{"closes_at": time(23, 59, 59)}, {"valid_to": date(9999, 12, 31)}],
    "resources": [{"valid_from": date(1900, 1, 1), "valid_to": date(9999, 12, 31)}],
    "service_lines": [
        _line("-1", "-100", "-10", "-90", original_line_id="L", direct_cost_amount=_amount("-5")),
        _line("1", "-100", "0", "-100", original_line_id=None) | {"quantity": _amount("-1")},
        _line("1", "100", "100", "0"),
        _line("0", "0", "0", "0"),
        {"status": "planned", "performed_at": datetime(2025, 4, 3, 12)},
    ],
    "shifts": [{"ends_at": datetime(2025, 3, 4, 9)}],
    "slots": [{"slot_minutes": _amount("1440")}],
    "treatment_plans": [
        {"signed_at": datetime(2025, 3, 3), "presented_at": datetime(2025, 3, 3, 18)},
        {"clinic_id": None},
        {"appointment_id": None},
    ],
}
