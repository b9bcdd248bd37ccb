"""Appointments that stood on a day, as far as was known then. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.facts import Facts

Row = dict[str, Any]


class KnownBookings:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._appointments = [
            [
                {
                    **facts.place(row, facts.local_day(row["planned_start_at"], row["clinic_id"])),
                    "booked_on": facts.local_day(row["booked_at"], row["clinic_id"]),
                }
                for row in versions
            ]
            for versions in facts.exports.versions("appointments", "appointment_id")
        ]
        self.at = cache(self._at)
        self._by_patient = cache(self._of_patients)

    def of(self, patient: str, day: date) -> list[Row]:
        return self._by_patient(day)[patient]

    def _at(self, day: date) -> list[Row]:
        return [
            row for row in self._facts.exports.known_at_once(self._appointments, day)
            if row["status"] not in ("cancelled", "rescheduled") and row["patient_id"]
        ]  # fmt: skip

    def _of_patients(self, day: date) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self._at(day):
            found[row["patient_id"]].append(row)
        return found
