"""The utilisation form by loops over plain rows: whose hours are open, staffed and sold, and what they bring.

Written from the words of the catalogue, not from the SQL. Nothing is rounded here. It knows nothing of what a source
delivers: it is for sources that deliver all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracle.intervals import Interval, length, length_without
from oracle.revenues import Revenues

Row = dict[str, Any]
# Kind, source, currency, clinic, specialty, employee, resource.
Scope = tuple[str | None, ...]
Figures = dict[str, Any]
NOBODY = "(none)"
STATUSES = ("scheduled", "attended", "no_show", "cancelled", "rescheduled", "unknown")


@dataclass(frozen=True)
class Taken:
    """Hours of a capacity resource that a visit or a shift takes."""

    row: Row
    is_visit: bool
    resource_id: str

    @property
    def interval(self) -> Interval:
        return self.row["starts_at"], self.row["ends_at"]


class Utilisation:
    def __init__(
        self, tables: dict[str, list[Row]], scarce_resource: str = "room", revenue_clock: str = "performed"
    ) -> None:
        self.clinics = {row["clinic_id"]: row for row in tables["dim_clinic"]}
        self.versions: dict[str, list[Row]] = defaultdict(list)
        for row in tables["dim_resource_history"]:
            self.versions[row["resource_id"]].append(row)
        self.appointments = {row["appointment_id"]: row for row in tables["fct_appointments"]}
        self.lines = [row for row in tables["fct_service_lines"] if row["line_status"] == "performed"]
        self.all_lines = {row["service_line_id"]: row for row in tables["fct_service_lines"]}
        self.in_service = tables["fct_room_hours"]
        self.openings: dict[tuple[str, date], list[Row]] = defaultdict(list)
        for row in tables["fct_openings"]:
            self.openings[row["resource_id"], row["local_date"]].append(row)
        self.taken = [*self._visits(scarce_resource), *self._shifts(tables["fct_shifts"])]
        self.visits = {part.row["appointment_id"]: part for part in self.taken if part.is_visit}
        self.scopes: dict[Scope, dict[date, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self._room_hours()
        self._loads()
        self._bookings(tables["fct_slots"])
        self._revenues(Revenues(revenue_clock, tables))

    def _version(self, resource_id: str | None, day: date) -> Row | None:
        for version in self.versions[resource_id] if resource_id else ():
            if version["version_from"] <= day <= (version["version_to"] or date.max):
                return version
        return None

    def is_capacity(self, resource_id: str | None, day: date) -> bool:
        version = self._version(resource_id, day)
        return bool(version and version["is_capacity"])

    def specialty(self, resource_id: str | None, day: date) -> str:
        version = self._version(resource_id, day)
        return (version and version["specialty"]) or NOBODY

    def _visits(self, scarce_resource: str) -> Iterator[Taken]:
        devices: dict[tuple[str, str, date], list[str]] = defaultdict(list)
        for line in self.lines:
            if self.is_capacity(line["resource_id"], line["local_date"]):
                devices[line["appointment_id"], line["clinic_id"], line["local_date"]].append(line["resource_id"])
        for visit in self.appointments.values():
            if visit["appointment_status"] != "attended":
                continue
            found = devices.get((visit["appointment_id"], visit["clinic_id"], visit["local_date"]), [])
            resource = min(found) if found and scarce_resource == "device" else visit["resource_id"]
            if self.is_capacity(resource, visit["local_date"]):
                yield Taken(visit, True, resource)

    def _shifts(self, shifts: list[Row]) -> Iterator[Taken]:
        for shift in shifts:
            counts = shift["is_clinical"] and not shift["is_cancelled"]
            if counts and self.is_capacity(shift["resource_id"], shift["local_date"]):
                yield Taken(shift, False, shift["resource_id"])

    def slot_of(self, line: Row) -> Taken | None:
        """The sold hour of the same clinic and day that earned the line."""
        part = self.visits.get(line["appointment_id"])
        if part and (part.row["clinic_id"], part.row["local_date"]) == (line["clinic_id"], line["local_date"]):
            return part
        return None

    def attended_with(self, line: Row) -> Row | None:
        """The attended visit of the same clinic and day, wherever it was."""
        visit = self.appointments.get(line["appointment_id"])
        if visit and visit["appointment_status"] == "attended":
            same = all(visit[name] == line[name] for name in ("clinic_id", "local_date"))
            return visit if same else None
        return None

    def open_seconds(self, resource_id: str, day: date) -> int:
        rules = self.openings[resource_id, day]
        by_kind = [
            [(rule["starts_at"], rule["ends_at"]) for rule in rules if rule["rule_kind"] == kind]
            for kind in ("open", "out_of_service")
        ]
        return length_without(*by_kind)

    def _add(self, scopes: Iterable[Scope], day: date, **measures: Any) -> None:
        for scope in scopes:
            for name, value in measures.items():
                self.scopes[scope][day][name] += value

    def _places(self, clinic_id: str, resource_id: str | None, day: date) -> list[Scope]:
        """All but the practitioner."""
        clinic = self.clinics[clinic_id]
        source, currency = clinic["source_id"], clinic["currency"]
        return [
            ("network", source, currency, None, None, None, None),
            ("clinic", source, currency, clinic_id, None, None, None),
            ("specialty", source, currency, None, self.specialty(resource_id, day), None, None),
            ("resource", source, currency, clinic_id, None, None, resource_id or NOBODY),
        ]

    def _practitioner(self, clinic_id: str, employee_id: str | None) -> Scope:
        clinic = self.clinics[clinic_id]
        return (
            "practitioner", clinic["source_id"], clinic["currency"], clinic_id, None, employee_id or NOBODY, None,
        )  # fmt: skip

    def _room_hours(self) -> None:
        for row in self.in_service:
            day = row["local_date"]
            if self.is_capacity(row["resource_id"], day):
                seconds = self.open_seconds(row["resource_id"], day)
                assumed = any(rule["is_assumed"] for rule in self.openings[row["resource_id"], day])
                self._add(
                    self._places(row["clinic_id"], row["resource_id"], day), day,
                    room_seconds=seconds, assumed_room_seconds=seconds if assumed else 0,
                )  # fmt: skip

    def _loads(self) -> None:
        of_resource: dict[tuple[str, str, date], list[Taken]] = defaultdict(list)
        of_practitioner: dict[tuple[str, str | None, str | None, date], list[Taken]] = defaultdict(list)
        for part in self.taken:
            clinic, employee, day = part.row["clinic_id"], part.row["employee_id"], part.row["local_date"]
            of_resource[clinic, part.resource_id, day].append(part)
            # What names nobody is somebody else's in each room.
            of_practitioner[clinic, employee, None if employee else part.resource_id, day].append(part)
        for (clinic, resource, day), parts in of_resource.items():
            self._add(self._places(clinic, resource, day), day, **loads(parts))
        for (clinic, employee, _, day), parts in of_practitioner.items():
            self._add([self._practitioner(clinic, employee)], day, **loads(parts))

    def _bookings(self, slots: list[Row]) -> None:
        for row in self.appointments.values():
            attended = row["appointment_status"] == "attended"
            self._add(
                self._everywhere(row, row["resource_id"]), row["local_date"],
                appointments=1, **{f"appointments_{row['appointment_status']}": 1},
                imputed_times=int(attended and row["is_time_imputed"]),
                visits_without_resource=int(attended and row["resource_id"] is None),
                attended_seconds=(row["ends_at"] - row["starts_at"]) // timedelta(seconds=1) if attended else 0,
            )  # fmt: skip
        for row in slots:
            scopes = self._everywhere(row, row["resource_id"])
            self._add(scopes, row["local_date"], slots_offered=1, slots_booked=int(bool(row["is_booked"])))

    def _revenues(self, revenues: Revenues) -> None:
        slots = {line["service_line_id"]: self.slot_of(line) for line in self.lines}
        for line in revenues.of(self.lines):
            slot, net = slots[line["service_line_id"]], line["net_amount"]
            self._add(
                self._everywhere(line, slot.resource_id if slot else None), line["local_date"],
                revenue_amount=net, **{f"{'slotted' if slot else 'unslotted'}_revenue_amount": net},
            )  # fmt: skip

    def _everywhere(self, row: Row, resource_id: str | None) -> list[Scope]:
        places = self._places(row["clinic_id"], resource_id, row["local_date"])
        return [*places, self._practitioner(row["clinic_id"], row["employee_id"])]

    def tree(self, scope: Scope, first: date, last: date) -> Figures:
        """What is measured; quotients and sums follow from it. A practitioner has no rooms."""
        total: Counter[str] = Counter()
        for day, measures in self.scopes.get(scope, {}).items():
            if first <= day <= last:
                total.update(measures)
        figures: Figures = defaultdict(int, total)
        if scope[0] == "practitioner":
            figures |= {"room_seconds": None, "assumed_room_seconds": None}
        return figures


def loads(parts: list[Taken]) -> dict[str, int]:
    """Hours sold outside a shift are overtime of a doctor: they are his hours, too."""
    shifts = [part for part in parts if not part.is_visit]
    visits = [part.interval for part in parts if part.is_visit]
    return {
        "shift_seconds": length(part.interval for part in shifts),
        "assumed_shift_seconds": length(part.interval for part in shifts if part.row["is_assumed"]),
        "doctor_seconds": length([*visits, *(part.interval for part in shifts)]),
        "sold_seconds": length(visits),
        "slots_sold": len(visits),
    }


def on_the_wall(moment: datetime, time_zone: str) -> datetime:
    """What the clock of the clinic shows at a moment of UTC."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
