"""Cohorts and segments of patients by loops over plain rows, from the words of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from oracle.calendar import months_later

Row = dict[str, Any]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Switches:
    rfm_window_months: int = 18
    rfm_recent_days: int = 90
    rfm_cooling_days: int = 270
    rfm_frequent_visits: int = 4
    rfm_repeat_visits: int = 2
    rfm_high_amount: int = 50_000
    rfm_middle_amount: int = 10_000


@dataclass
class Patient:
    """What one patient did in a scope."""

    # A visit is a day and a clinic.
    paid: set[tuple[date, str]] = field(default_factory=set)
    lines: list[tuple[date, Fraction, Fraction]] = field(default_factory=list)

    @property
    def cohort(self) -> date | None:
        return min(day for day, _ in self.paid).replace(day=1) if self.paid else None


class Patients:
    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.all_lines = {line["service_line_id"]: line for line in tables["fct_service_lines"]}
        self.versions: dict[str, list[Row]] = defaultdict(list)
        for row in tables["dim_employee_history"]:
            self.versions[row["employee_id"]].append(row)
        self.lines = [
            line
            for line in tables["fct_service_lines"]
            if line["line_status"] == "performed" and line["patient_id"] is not None
        ]
        self.known: dict[Any, dict[str, Patient]] = {}

    def specialty(self, line: Row) -> str | None:
        for version in self.versions[line["employee_id"]]:
            if version["version_from"] <= line["local_date"] <= (version["version_to"] or date.max):
                return version["specialty"]
        return None

    def direct_cost(self, line: Row) -> Fraction:
        if line["direct_cost_amount"] is not None:
            return Fraction(line["direct_cost_amount"])
        of = self.all_lines.get(line["original_line_id"], line)
        return Fraction(of["norm_direct_cost_amount"] or 0) * Fraction(line["quantity"])

    def of(self, scope: Row) -> dict[str, Patient]:
        """The patients of a network, a clinic or a specialty of a network."""
        if scope["scope_id"] not in self.known:
            found: dict[str, Patient] = defaultdict(Patient)
            for line in self.lines:
                if self._belongs(line, scope):
                    patient = found[line["patient_id"]]
                    net = Fraction(line["net_amount"])
                    patient.lines.append((line["local_date"], net, net - self.direct_cost(line)))
                    if net > 0 and not line["is_complaint"]:
                        patient.paid.add((line["local_date"], line["clinic_id"]))
            self.known[scope["scope_id"]] = found
        return self.known[scope["scope_id"]]

    def _belongs(self, line: Row, scope: Row) -> bool:
        if scope["scope_kind"] == "clinic":
            return bool(line["clinic_id"] == scope["clinic_id"])
        network = (line["source_id"], line["currency"]) == (scope["source_id"], scope["currency"])
        if scope["scope_kind"] == "specialty":
            return network and (self.specialty(line) or "(none)") == scope["specialty"]
        return network

    def retention(self, scope: Row, cohort: date, months: int) -> dict[str, Any]:
        """The cohort of a month, so many months later."""
        members = [patient for patient in self.of(scope).values() if patient.cohort == cohort]
        start = months_later(cohort, months)
        end = months_later(start, 1) - ONE_DAY

        def total(place: int, since: date) -> Fraction:
            return sum(
                (line[place] for member in members for line in member.lines if since <= line[0] <= end), Fraction(0)
            )

        # What was done before the first paid visit counts with its month.
        since = start if months else date.min
        return {
            "cohort_patients": len(members),
            "returned_patients": sum(any(start <= day <= end for day, _ in member.paid) for member in members),
            "revenue_amount": total(1, since),
            "contribution_amount": total(2, since),
            "cumulative_revenue_amount": total(1, date.min),
            "cumulative_contribution_amount": total(2, date.min),
        }

    def segments(self, scope: Row, month_end: date, switches: Switches) -> Callable[[int, int, int], dict[str, Any]]:
        """The segments at the end of a month, by recency, frequency and money."""
        start = months_later(month_end.replace(day=1), 1 - switches.rfm_window_months)
        found: dict[tuple[int, int, int], list[tuple[int, Fraction]]] = defaultdict(list)
        for patient in self.of(scope).values():
            visits = [day for day, _ in patient.paid if start <= day <= month_end]
            if visits:
                money = sum((net for day, net, _ in patient.lines if start <= day <= month_end), Fraction(0))
                days = (month_end - max(visits)).days
                scores = (
                    1 + (days <= switches.rfm_cooling_days) + (days <= switches.rfm_recent_days),
                    1 + (len(visits) >= switches.rfm_repeat_visits) + (len(visits) >= switches.rfm_frequent_visits),
                    1 + (money >= switches.rfm_middle_amount) + (money >= switches.rfm_high_amount),
                )
                found[scores].append((len(visits), money))
        active = [member for members in found.values() for member in members]

        def segment(recency: int, frequency: int, monetary: int) -> dict[str, Any]:
            members = found[recency, frequency, monetary]
            return {
                "patients": len(members),
                "paid_visits": sum(visits for visits, _ in members),
                "revenue_amount": sum((money for _, money in members), Fraction(0)),
                "active_patients": len(active),
                "active_revenue_amount": sum((money for _, money in active), Fraction(0)),
            }

        return segment
