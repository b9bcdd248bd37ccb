"""What stands at the end of a day, asked of each plan, invoice and patient anew for every day. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from oracle.calendar import months_later
from oracle.known_bookings import KnownBookings
from oracle.known_invoices import KnownInvoices
from oracle.known_plans import KnownPlans

if TYPE_CHECKING:
    from oracle.facts import Facts

Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """The parameters, at their defaults."""

    window_months: int = 18
    dormancy_months: int = 6
    least_amount: int = 0
    stages_without_visit: tuple[str, ...] = ("retail",)
    stages_without_plan: tuple[str, ...] = ("consultation", "diagnostics", "retail")
    is_waiting_from_plan: bool = False
    is_rebooked_on_the_day: bool = False
    is_lapsed_by_visits: bool = False
    revenue_clock: str = "performed"


class Standing:
    def __init__(
        self, facts: Facts, visits: dict[str, dict[date, list[Row]]], revenues: list[Row], rules: Rules
    ) -> None:
        self.rules = rules
        self.facts = facts
        self.visits = visits
        self.plans = KnownPlans(facts, rules.dormancy_months)
        self.invoices = KnownInvoices(facts)
        self.bookings = KnownBookings(facts)
        self.at = cache(self._at)
        self.scope_revenues: dict[str, list[Row]] = defaultdict(list)
        for row in revenues:
            for scope in row["scopes"].values():
                self.scope_revenues[scope].append(row)

    def _at(self, scope: str, day: date) -> dict[str, Any]:
        open_plans = [
            (plan["patient_id"], value) for plan, value in self.plans.open_at(day)
            if scope in plan["scopes"].values()
        ]  # fmt: skip
        active = {
            line["patient_id"] for visited, lines in self.visits[scope].items() for line in lines
            if visited <= day < months_later(visited, self.rules.window_months)
        }  # fmt: skip
        booked, earlier = self._booked_and_earlier(scope, day)
        return {
            "open_plans_amount": sum((value for _, value in open_plans), Decimal(0)),
            "patients_with_open_plan": len({patient for patient, _ in open_plans}),
            "debt_amount": sum((debt for scopes, debt in self.invoices.owed_at(day) if scope in scopes), Decimal(0)),
            "active_patients": len(active),
            "window_net_amount": sum(
                (
                    line["net_amount"] for line in self.scope_revenues[scope]
                    if line["local_date"] <= day < months_later(line["local_date"], self.rules.window_months)
                ),
                Decimal(0),
            ),
            "once_booked_patients": len(earlier),
            "lapsed_patients": len(earlier - booked),
        }  # fmt: skip

    def _booked_and_earlier(self, scope: str, day: date) -> tuple[set[str], set[str]]:
        """Who is booked for then or has been lately, and who was booked for a day that is a whole window back."""
        if self.rules.is_lapsed_by_visits:
            spans = [
                (line["patient_id"], visited, visited) for visited, lines in self.visits[scope].items()
                for line in lines
            ]  # fmt: skip
        else:
            spans = [
                (row["patient_id"], min(row["booked_on"] or row["local_date"], row["local_date"]), row["local_date"])
                for row in self.bookings.at(day) if scope in row["scopes"].values()
            ]  # fmt: skip
        booked, earlier = set(), set()
        for patient, since, on in spans:
            over = months_later(on, self.rules.window_months)
            if since <= day < over:
                booked.add(patient)
            elif over <= day:
                earlier.add(patient)
        return booked, earlier

    def is_booked_after(self, patient: str, visited: date, end: date) -> bool:
        ahead = [
            row["booked_on"] for row in self.bookings.of(patient, end)
            if row["booked_on"] and row["local_date"] > end
        ]  # fmt: skip
        if self.rules.is_rebooked_on_the_day:
            return visited in ahead
        return any(booked_on <= end for booked_on in ahead)
