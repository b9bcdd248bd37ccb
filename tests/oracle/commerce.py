"""The commerce form by loops over plain rows: what each figure means, worked out once more.

Written from the words of the catalogue, not from the SQL. Nothing is rounded here. It knows nothing of what a source
delivers: it is for sources that deliver all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from oracle.calendar import months_later
from oracle.revenues import Revenues, work_and_money

Row = dict[str, Any]
# Kind, source, currency, clinic, specialty, employee.
Scope = tuple[str, str | None, str | None, str | None, str | None, str | None]
Figures = dict[str, Any]
NOBODY = "(none)"


@dataclass(frozen=True)
class Switches:
    primary_scope: str = "clinic"
    primary_dormancy_months: int = 0
    active_base_months: int = 18
    revenue_clock: str = "performed"


@dataclass
class Deeds:
    """What was done in a scope, by local date."""

    lines: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    complaints: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    leads: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    first_bookings: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    spends: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    # Patient → sorted local dates with a paid visit.
    paid_on: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))


class Commerce:
    def __init__(self, tables: dict[str, list[Row]], switches: Switches) -> None:
        self.switches = switches
        self.clinics = {row["clinic_id"]: row for row in tables["dim_clinic"]}
        self.employees: dict[str, list[Row]] = defaultdict(list)
        for row in tables["dim_employee_history"]:
            self.employees[row["employee_id"]].append(row)
        self.appointments = {row["appointment_id"]: row for row in tables["fct_appointments"]}
        self.all_lines = {row["service_line_id"]: row for row in tables["fct_service_lines"]}
        self.lines = work_and_money(
            [row for row in tables["fct_service_lines"] if row["line_status"] == "performed"],
            Revenues(switches.revenue_clock, tables),
        )
        self.leads = sorted(tables["fct_leads"], key=lambda row: (row["created_at"], row["lead_id"]))
        self._patients(tables["stg_patients"])
        self._primary_days()
        self.scopes: dict[Scope, Deeds] = defaultdict(Deeds)
        self._deeds(tables["fct_marketing_spend"])

    def _patients(self, cards: list[Row]) -> None:
        """Channel of each patient: the first lead that names one, else the card; and the day of the first lead."""
        self.first_lead: dict[str, date] = {}
        self.channel: dict[str, str] = {}
        for lead in self.leads:
            booked = self.appointments.get(lead["first_appointment_id"])
            patient = lead["patient_id"] or (booked and booked["patient_id"])
            if patient:
                self.first_lead[patient] = min(lead["local_date"], self.first_lead.get(patient, date.max))
                if lead["channel"]:
                    self.channel.setdefault(patient, lead["channel"])
        for card in cards:
            if card["channel"]:
                self.channel.setdefault(card["patient_id"], card["channel"])

    def _unit(self, line: Row) -> tuple[Any, ...]:
        """Where a first visit counts as first."""
        clinic = self.clinics[line["clinic_id"]]
        network = (clinic["source_id"], clinic["currency"])
        units = {"network": network, "clinic": (line["clinic_id"],), "specialty": (*network, self._specialty(line))}
        return units[self.switches.primary_scope]

    def _primary_days(self) -> None:
        days: dict[tuple[Any, ...], set[date]] = defaultdict(set)
        for line in self.lines:
            if self.is_paid(line):
                days[*self._unit(line), line["patient_id"]].add(line["local_date"])
        self.primary_days: dict[tuple[Any, ...], set[date]] = {}
        gap = self.switches.primary_dormancy_months
        for key, found in days.items():
            ordered = sorted(found)
            later = {day for before, day in pairwise(ordered) if gap and months_later(before, gap) <= day}
            self.primary_days[key] = {ordered[0]} | later

    def _deeds(self, spends: list[Row]) -> None:
        for line in self.lines:
            for scope in self._scopes(line):
                deeds = self.scopes[scope]
                deeds.lines[line["local_date"]].append(line)
                if self.is_paid(line):
                    deeds.paid_on[line["patient_id"]].append(line["local_date"])
        for deeds in self.scopes.values():
            for patient, days in deeds.paid_on.items():
                deeds.paid_on[patient] = sorted(set(days))
        for visit in self.appointments.values():
            if visit["appointment_status"] == "attended" and visit["is_complaint"]:
                for scope in self._scopes(visit):
                    self.scopes[scope].complaints[visit["local_date"]].append(visit)
        booked: set[str] = set()
        for lead in self.leads:
            for scope in self.places(lead["clinic_id"]):
                self.scopes[scope].leads[lead["local_date"]].append(lead)
            # A first booking of two leads is the earlier one's.
            visit = self.appointments.get(lead["first_appointment_id"])
            if visit and visit["appointment_id"] not in booked:
                booked.add(visit["appointment_id"])
                for scope in self.places(visit["clinic_id"]):
                    self.scopes[scope].first_bookings[visit["local_date"]].append(
                        {"channel": lead["channel"], "status": visit["appointment_status"]}
                    )
        for spend in spends:
            for scope in self.places(spend["clinic_id"]):
                self.scopes[scope].spends[spend["local_date"]].append(spend)

    def places(self, clinic_id: str) -> Iterator[Scope]:
        clinic = self.clinics[clinic_id]
        yield ("network", clinic["source_id"], clinic["currency"], None, None, None)
        yield ("clinic", clinic["source_id"], clinic["currency"], clinic_id, None, None)

    def _scopes(self, deed: Row) -> Iterator[Scope]:
        yield from self.places(deed["clinic_id"])
        clinic = self.clinics[deed["clinic_id"]]
        specialty, employee = self._specialty(deed) or NOBODY, deed["employee_id"] or NOBODY
        yield ("specialty", clinic["source_id"], clinic["currency"], None, specialty, None)
        yield ("practitioner", clinic["source_id"], clinic["currency"], deed["clinic_id"], None, employee)

    def _specialty(self, deed: Row) -> str | None:
        """That of the employee on the day of the deed; money goes where the work was done."""
        day = deed.get("worked_on") or deed["local_date"]
        for version in self.employees[deed["employee_id"]]:
            if version["version_from"] <= day <= (version["version_to"] or date.max):
                return None if version["specialty"] is None else str(version["specialty"])
        return None

    def is_complaint(self, line: Row) -> bool:
        visit = self.appointments.get(line["appointment_id"])
        return bool(visit and visit["is_complaint"])

    def is_paid(self, line: Row) -> bool:
        return (
            line["is_work"]
            and line["net_amount"] > 0
            and line["patient_id"] is not None
            and not self.is_complaint(line)
        )

    def is_primary(self, line: Row) -> bool:
        """Whether the line is of a visit that makes its patient primary."""
        if not self.is_paid(line):
            return False
        return line["local_date"] in self.primary_days[*self._unit(line), line["patient_id"]]

    def cost(self, line: Row) -> Decimal:
        """As recorded, else the norm on the day of the work; a refund takes back the norm of what it refunds."""
        if not line["is_work"]:
            return Decimal(0)
        if line["direct_cost_amount"] is not None:
            return Decimal(line["direct_cost_amount"])
        norm = self.all_lines.get(line["original_line_id"], line)["norm_direct_cost_amount"]
        return Decimal(0) if norm is None else norm * line["quantity"]

    def cost_of(self, lines: list[Row]) -> Fraction:
        return sum((Fraction(self.cost(line)) for line in lines), Fraction(0))

    def primary_patients(self, lines: list[Row]) -> set[str]:
        return {line["patient_id"] for line in lines if self.is_primary(line)}

    def tree(self, scope: Scope, first: date, last: date) -> Figures:
        """What is measured; quotients and sums follow from it."""
        deeds = self.scopes.get(scope, Deeds())
        lines = within(deeds.lines, first, last)
        paid = [line for line in lines if self.is_paid(line)]
        visits = {(line["patient_id"], line["clinic_id"], line["local_date"]) for line in paid}
        primary = self.primary_patients(lines)
        secondary = {line["patient_id"] for line in paid} - primary
        before = {
            patient: days[bisect_left(days, first) - 1] for patient, days in deeds.paid_on.items() if days[0] < first
        }
        months = self.switches.active_base_months
        active = {patient for patient, day in before.items() if months_later(day, months) >= first}
        of_primary = [line for line in lines if line["patient_id"] in primary]
        complaints = within(deeds.complaints, first, last)
        figures = {
            "primary_patients": len(primary),
            "primary_patients_from_leads": len(
                {
                    line["patient_id"]
                    for line in lines
                    if self.is_primary(line) and self.first_lead.get(line["patient_id"], date.max) <= line["local_date"]
                }
            ),
            "secondary_patients": len(secondary),
            "returned_patients": len(secondary & active),
            "reactivated_patients": len((secondary & before.keys()) - active),
            "transferred_patients": len(secondary - before.keys()),
            "active_base": len(active),
            "paid_visits": len(visits),
            "primary_visits": sum(patient in primary for patient, _, _ in visits),
            "complaint_visits": len(complaints),
            "complaint_seconds": sum(int((row["ends_at"] - row["starts_at"]).total_seconds()) for row in complaints),
            "complaint_direct_cost_amount": self.cost_of([line for line in lines if self.is_complaint(line)]),
            "revenue_amount": net(lines),
            "revenue_primary_amount": net(of_primary),
            "revenue_secondary_amount": net(
                [line for line in lines if line["patient_id"] and line["patient_id"] not in primary]
            ),
            "revenue_unattributed_amount": net([line for line in lines if line["patient_id"] is None]),
            "primary_direct_cost_amount": self.cost_of(of_primary),
        }
        return figures | self._attracted(scope, first, last)

    def _attracted(self, scope: Scope, first: date, last: date) -> Figures:
        deeds = self.scopes.get(scope, Deeds())
        known = scope[0] in ("network", "clinic")
        leads, bookings = within(deeds.leads, first, last), within(deeds.first_bookings, first, last)
        figures: Figures = attraction(leads, bookings, within(deeds.spends, first, last))
        return {name: value if known else None for name, value in figures.items()}

    def channels(self, scope: Scope) -> set[str]:
        """Every channel that ever brought or cost something here."""
        deeds = self.scopes.get(scope, Deeds())
        parts = (deeds.leads, deeds.first_bookings, deeds.spends)
        rows = [row for part in parts for day in part.values() for row in day]
        patients = self.primary_patients(within(deeds.lines, date.min, date.max))
        return {row["channel"] or NOBODY for row in rows} | {self.channel.get(one, NOBODY) for one in patients}

    def channel_figures(self, scope: Scope, channel: str, first: date, last: date) -> Figures:
        deeds = self.scopes.get(scope, Deeds())
        lines = within(deeds.lines, first, last)
        patients = {p for p in self.primary_patients(lines) if self.channel.get(p, NOBODY) == channel}
        now = [line for line in lines if line["patient_id"] in patients]
        life = [line for line in within(deeds.lines, first, date.max) if line["patient_id"] in patients]
        of_channel = [
            [row for row in within(part, first, last) if (row["channel"] or NOBODY) == channel]
            for part in (deeds.leads, deeds.first_bookings, deeds.spends)
        ]
        return attraction(*of_channel) | {
            "primary_patients": len(patients),
            "revenue_primary_amount": net(now),
            "primary_direct_cost_amount": self.cost_of(now),
            "lifetime_revenue_amount": net(life),
            "lifetime_direct_cost_amount": self.cost_of(life),
        }


def attraction(leads: list[Row], bookings: list[Row], spends: list[Row]) -> Figures:
    return {
        "leads": len(leads),
        "leads_booked": sum(row["first_appointment_id"] is not None for row in leads),
        "first_bookings_due": sum(row["status"] != "scheduled" for row in bookings),
        "first_bookings_attended": sum(row["status"] == "attended" for row in bookings),
        "marketing_spend_amount": sum((row["spend_amount"] for row in spends), Decimal(0)),
    }


def net(lines: list[Row]) -> Decimal:
    return sum((line["money"] for line in lines), Decimal(0))


def within(by_day: dict[date, list[Row]], first: date, last: date) -> list[Row]:
    if (last - first).days > len(by_day):
        return [row for day, rows in by_day.items() if first <= day <= last for row in rows]
    return [row for n in range((last - first).days + 1) for row in by_day.get(first + timedelta(days=n), ())]
