"""Acquisition policies by loops over plain rows: who takes which part of the load, and what an hour of it brings.

Written from the words of the catalogue, not from the SQL. Stands on the oracle of commerce for who is primary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from oracle.commerce import NOBODY, Commerce, Deeds, Figures, Row, Scope, net, within

# Channel, kind of patients.
Policy = tuple[str, str]


class Policies:
    def __init__(self, tables: dict[str, list[Row]], commerce: Commerce) -> None:
        self.commerce = commerce
        self.resources: dict[str, list[Row]] = defaultdict(list)
        for row in tables["dim_resource_history"]:
            self.resources[row["resource_id"]].append(row)
        self.sold: dict[Scope, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for patient, clinic, day, seconds in self._shares_of_time():
            for scope in commerce.places(clinic):
                self.sold[scope][day].append({"patient_id": patient, "seconds": seconds})
        self.open: dict[Scope, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in tables["fct_room_hours"]:
            if row["is_capacity"]:
                for scope in commerce.places(row["clinic_id"]):
                    self.open[scope][row["local_date"]].append({"seconds": row["open_seconds"]})

    def _is_capacity(self, resource: str | None, day: date) -> bool:
        for version in self.resources.get(str(resource), []):
            if version["version_from"] <= day <= (version["version_to"] or date.max):
                return bool(version["is_capacity"])
        return False

    def _shares_of_time(self) -> Iterator[tuple[str, str, date, int]]:
        """Between two neighbouring starts or ends, the time of a resource is of the visit that began first."""
        rooms: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for visit in self.commerce.appointments.values():
            day = visit["local_date"]
            if visit["appointment_status"] == "attended" and self._is_capacity(visit["resource_id"], day):
                rooms[visit["clinic_id"], visit["resource_id"], day].append(visit)
        for (clinic, _, day), visits in rooms.items():
            visits.sort(key=lambda row: (row["starts_at"], row["ends_at"], row["appointment_id"]))
            marks = sorted({row[end] for row in visits for end in ("starts_at", "ends_at")})
            for left, right in pairwise(marks):
                holder = next((row for row in visits if row["starts_at"] <= left and right <= row["ends_at"]), None)
                if holder:
                    yield holder["patient_id"], clinic, day, int((right - left).total_seconds())

    def _is_slotted(self, line: Row) -> bool:
        visit = self.commerce.appointments.get(line["appointment_id"])
        return bool(
            visit
            and visit["appointment_status"] == "attended"
            and (visit["clinic_id"], visit["local_date"]) == (line["clinic_id"], line["worked_on"])
            and self._is_capacity(visit["resource_id"], line["worked_on"])
        )

    def figures(self, scope: Scope, first: date, last: date) -> dict[Policy, Figures]:
        """Of every policy that had money, a visit or an hour."""
        lines = within(self.commerce.scopes.get(scope, Deeds()).lines, first, last)
        sold = within(self.sold[scope], first, last)
        primary = self.commerce.primary_patients(lines)
        whole = self._measured(lines, sold)
        parts: dict[Policy, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
        for place, rows in enumerate((lines, sold)):
            for row in rows:
                parts[self._policy(row["patient_id"], primary)][place].append(row)
        return {
            policy: self._measured(*rows)
            | {f"scope_{name}": whole[name] for name in ("revenue_amount", "slotted_revenue_amount", "sold_seconds")}
            | {"scope_room_seconds": sum(row["seconds"] for row in within(self.open[scope], first, last))}
            for policy, rows in parts.items()
        }

    def _policy(self, patient: str | None, primary: set[str]) -> Policy:
        if patient is None:
            return (NOBODY, NOBODY)
        return (self.commerce.channel.get(patient, NOBODY), "primary" if patient in primary else "secondary")

    def _measured(self, lines: list[Row], sold: list[Row]) -> Figures:
        paid = [line for line in lines if self.commerce.is_paid(line)]
        return {
            "patients": len({line["patient_id"] for line in paid}),
            "paid_visits": len({(line["patient_id"], line["clinic_id"], line["local_date"]) for line in paid}),
            "revenue_amount": net(lines),
            "direct_cost_amount": self.commerce.cost_of(lines),
            "slotted_revenue_amount": net([line for line in lines if self._is_slotted(line)]),
            "sold_seconds": sum(row["seconds"] for row in sold),
        }
