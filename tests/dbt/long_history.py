"""A made-up MIS over fourteen months, with every awkward thing an export may hold. What the oracles are compared on.

Small numbers, many rules: clinics in three time zones (two change their clocks) and two currencies; visits that
overlap, move, fail or have no end; refunds months later, merged cards, plans that are revised, invoices paid in parts,
guests who stay. Rows are versions: each stands in the export of the day on which it was written. The same seed gives
the same history.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
from long_history_money import Till
from long_history_people import BEDS, CLINICS, DOCTORS, ROOMS, SERVICES, references
from raw_warehouse import RawWarehouse, Row

SOURCE = "mis"
FIRST_DAY, LAST_DAY = date(2025, 1, 6), date(2026, 3, 8)
VISIT_KINDS = ["consultation", "consultation", "diagnostics", None]
CHANNELS = ["web", "radio", "friends", None]
Versions = dict[str, list[tuple[date, Row]]]


class History:
    """Plays the days one after another and notes what the MIS would have exported on each."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.versions: Versions = {}
        self.till = Till(self.random, self.put)
        self.patients: dict[str, list[str]] = {clinic: [] for clinic in CLINICS}
        self.numbers: dict[str, int] = {}
        # Open plan items of a patient: (item, plan row, service, price).
        self.prescribed: dict[str, list[tuple[str, str, str, Decimal]]] = {}
        self.merged: list[tuple[str, str]] = []

    def put(self, entity: str, written_on: date, row: Row) -> None:
        """A version of a row, as exported on a day; what is written after the last day is never seen."""
        if written_on <= LAST_DAY:
            self.versions.setdefault(entity, []).append((max(written_on, FIRST_DAY), row))

    def number(self, prefix: str) -> str:
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return f"{prefix}{self.numbers[prefix]}"

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def play(self) -> Versions:
        for entity, rows in references().items():
            for row in rows:
                self.put(entity, FIRST_DAY, row)
        for day in days(FIRST_DAY, LAST_DAY):
            for clinic in CLINICS:
                self._day(clinic, day)
            if day.day == 1:
                self._month(day)
        return self.versions

    def _day(self, clinic: str, day: date) -> None:
        self._shifts(clinic, day)
        for _ in range(self.random.choice([0, 1, 1, 2])):
            self._lead(clinic, day)
        for _ in range(self.random.choice([0, 1, 2, 3, 4]) if day.weekday() < 6 else 0):
            self._visit(clinic, self._patient(clinic, day), day)
        if self.chance(0.1):  # retail without a card, and at times without a visit
            self.till.sell(clinic, None, None, "S9", None, self._moment(clinic, day, 11), day)
        if self.chance(0.05) and self.patients[clinic]:
            patient = self.random.choice(self.patients[clinic])
            self.till.sell(clinic, patient, None, "S3", "E1", self._moment(clinic, day, 13), day)
        if clinic == "K3" and self.chance(0.35):
            self._stay(clinic, day)

    def _shifts(self, clinic: str, day: date) -> None:
        if day.weekday() == 6 and self.chance(0.8):
            return
        for employee in DOCTORS[clinic]:
            if self.chance(0.25):
                continue
            start = self.random.choice([8, 9, 14])
            hours = self.random.choice([3, 4, 6])
            for room in self.random.sample(ROOMS[clinic], self.random.choice([1, 1, 1, 2])):
                row = {
                    "shift_id": self.number("SH"), "clinic_id": clinic, "employee_id": employee,
                    "resource_id": None if self.chance(0.05) else room,
                    "starts_at": self._moment(clinic, day, start, self.random.choice([0, 30])),
                    "ends_at": self._moment(clinic, day, start + hours),
                    "is_clinical": self.random.choice([True, True, True, None, False]),
                    "is_cancelled": True if self.chance(0.05) else None,
                }  # fmt: skip
                self.put("shifts", day - timedelta(days=7), row)

    def _patient(self, clinic: str, day: date) -> str:
        known = self.patients[clinic]
        if known and self.chance(0.72):
            home = self.random.choice(list(self.patients.values())) if self.chance(0.03) else known
            return self.random.choice(home or known)
        patient = self.number("P")
        card = {"patient_id": patient, "clinic_id": clinic, "channel": self.random.choice(CHANNELS)}
        if known and self.chance(0.06):  # a second card of somebody known, found out later
            self.put("patients", day, card | {"registered_on": str(day)})
            survivor = self.random.choice(known)
            self.merged.append((patient, survivor))
            self.put("patients", day + timedelta(days=30), card | {"merged_into_patient_id": survivor})
        else:
            self.put("patients", day, card | {"registered_on": str(day)})
            known.append(patient)
        return patient

    def _lead(self, clinic: str, day: date) -> None:
        created = self._moment(clinic, day, self.random.randrange(0, 24), self.random.randrange(60))
        row: Row = {
            "lead_id": self.number("Q"), "clinic_id": clinic, "created_at": created,
            "channel": self.random.choice(CHANNELS), "patient_id": None, "first_appointment_id": None,
        }  # fmt: skip
        self.put("leads", day, dict(row))
        if self.chance(0.6):
            patient = self._patient(clinic, day)
            due = day + timedelta(days=self.random.randrange(0, 12))
            visit = self._visit(clinic, patient, due, lead=row["lead_id"], booked=day)
            self.put("leads", day + timedelta(days=1), row | {"patient_id": patient, "first_appointment_id": visit})

    def _visit(self, clinic: str, patient: str, day: date, lead: str | None = None, booked: date | None = None) -> str:
        booked = booked or day - timedelta(days=self.random.randrange(0, 20))
        start = self._moment(clinic, day, self.random.randrange(8, 20), self.random.choice([0, 10, 30, 45]))
        minutes = self.random.choice([20, 30, 30, 45, 60])
        items = self.prescribed.get(patient, [])
        item = self.random.choice(items) if items and self.chance(0.5) else None
        row: Row = {
            "appointment_id": self.number("A"), "clinic_id": clinic, "patient_id": patient, "lead_id": lead,
            "employee_id": None if self.chance(0.04) else self.random.choice(DOCTORS[clinic]),
            "resource_id": None if self.chance(0.06) else self.random.choice(ROOMS[clinic]),
            "visit_kind": "treatment" if item else self.random.choice(VISIT_KINDS),
            "booked_at": self._moment(clinic, booked, 10),
            "planned_start_at": start,
            "planned_end_at": None if self.chance(0.03) else start + timedelta(minutes=minutes),
            "is_complaint": True if self.chance(0.04) else None, "status": "scheduled",
        }  # fmt: skip
        if "plan_item_id" in _columns("appointments") and item:
            row["plan_item_id"] = item[0]
        self.put("appointments", booked, dict(row))
        fate = self.random.random()
        if fate < 0.08:
            self.put("appointments", day, row | {"status": "no_show"})
        elif fate < 0.16:
            who = self.random.choice(["patient", "patient", "clinic", None])
            noted = day + timedelta(days=4 if self.numbers["A"] % 3 == 0 else 0)
            self.put("appointments", noted, row | {"status": "cancelled", "cancelled_by": who})
        elif fate < 0.22:
            later = day + timedelta(days=self.random.randrange(1, 9))
            moved = self._visit(clinic, patient, later, booked=day)
            self.put("appointments", day, row | {"status": "rescheduled", "rescheduled_to_appointment_id": moved})
        elif fate < 0.24:
            self.put("appointments", day, row | {"status": "unknown"})
        elif day <= LAST_DAY:
            self._attended(row, start, minutes, day, item)
        return str(row["appointment_id"])

    def _attended(
        self, row: Row, start: datetime, minutes: int, day: date, item: tuple[str, str, str, Decimal] | None
    ) -> None:
        began = start + timedelta(minutes=self.random.choice([-5, 0, 0, 7, 25]))
        ended = began + timedelta(minutes=minutes + self.random.choice([-10, 0, 0, 15, 90]))
        if self.chance(0.03):
            ended = began - timedelta(minutes=5)  # inverted
        if self.chance(0.01):
            ended = began + timedelta(hours=13)
        stamps = {
            "arrived_at": None if self.chance(0.2) else began - timedelta(minutes=self.random.choice([0, 4, 12, 30])),
            "started_at": None if self.chance(0.05) else began, "ended_at": None if self.chance(0.05) else ended,
        }  # fmt: skip
        seen = row | {"status": "attended"} | stamps
        self.put("appointments", day + timedelta(days=self.random.choice([0, 0, 0, 1, 3])), seen)
        clinic, patient = row["clinic_id"], row["patient_id"]
        if item and self.chance(0.9):
            items = self.prescribed[patient]
            if item in items:
                items.remove(item)
            self.till.sell(
                clinic, patient, row["appointment_id"], item[2], row["employee_id"], began, day, item=item[0],
                price=item[3],
            )  # fmt: skip
        for _ in range(self.random.choice([0, 1, 1, 1, 2]) if not item else 0):
            service = self.random.choice([name for name in SERVICES if name != "S9"])
            self.till.sell(clinic, patient, row["appointment_id"], service, row["employee_id"], began, day)
        if row["visit_kind"] == "consultation" and self.chance(0.45):
            self._plan(row, day + timedelta(days=self.random.choice([0, 0, 0, 3, 20])))

    def _plan(self, visit: Row, presented: date) -> None:
        plan = self.number("PL")
        moment = self._moment(visit["clinic_id"], presented, 15)
        row: Row = {
            "plan_id": plan, "plan_version": 1, "clinic_id": visit["clinic_id"],
            "patient_id": visit["patient_id"], "employee_id": visit["employee_id"],
            "appointment_id": None if self.chance(0.1) else visit["appointment_id"],
            "programme": self.random.choice(["Spine", "Heart", None]), "presented_at": moment, "status": "presented",
        }  # fmt: skip
        if row["appointment_id"] and self.numbers["PL"] % 5 == 0:  # that is told by the consultation
            row |= {"clinic_id": None, "employee_id": None}
        if self.chance(0.05):
            self.put("treatment_plans", presented, row | {"presented_at": None, "status": "draft"})
            return
        self.put("treatment_plans", presented, dict(row))
        signed = self.chance(0.6)
        for position in range(1, self.random.choice([1, 2, 3, 4]) + 1):
            self._item(plan, visit["patient_id"], 1, position, presented, signed)
        if signed:
            row |= {"status": "accepted", "signed_at": moment + timedelta(days=1)}
            self.put("treatment_plans", presented + timedelta(days=1), dict(row))
        if self.chance(0.12):  # revised: one more item, in a version of its own
            revised = presented + timedelta(days=10)
            second = row | {"plan_version": 2, "presented_at": moment + timedelta(days=10)}
            self.put("treatment_plans", revised, second)
            self._item(plan, visit["patient_id"], 2, 1, revised, signed)
        if self.chance(0.1):
            closed = presented + timedelta(days=self.random.randrange(15, 90))
            status = self.random.choice(["abandoned", "completed"])
            ended = row | {"status": status, "closed_at": moment + (closed - presented)}
            if self.numbers["PL"] % 4 == 0:
                del ended["closed_at"]
            self.put("treatment_plans", closed + timedelta(days=20 if self.numbers["PL"] % 2 else 0), ended)

    def _item(self, plan: str, patient: str, version: int, position: int, presented: date, signed: bool) -> None:
        service = self.random.choice(["S3", "S4", "S5", "S6"])
        price = Decimal(SERVICES[service]["price"])
        quantity = self.random.choice([1, 1, 1, 3])
        row: Row = {
            "plan_item_id": self.number("I"), "plan_id": plan, "plan_version": version, "position": position,
            "service_id": service, "quantity": quantity, "price_amount": price, "item_amount": price * quantity,
            "direct_cost_amount": None if self.chance(0.3) else price * quantity / 4,
            "is_required": self.random.choice([True, True, None, False]),
            "alternative_group": "a" if position > 1 and self.chance(0.3) else None,
        }  # fmt: skip
        if signed and self.chance(0.85):
            row["accepted_at"] = datetime.combine(presented, datetime.min.time()) + timedelta(days=1, hours=12)
        elif self.chance(0.2):
            declined_at = datetime.combine(presented, datetime.min.time()) + timedelta(days=2, hours=12)
            if self.numbers["I"] % 2:
                row["declined_at"] = declined_at
            else:
                self.put("plan_items", presented + timedelta(days=40), row | {"declined_at": declined_at})
        self.put("plan_items", presented, row)
        if self.chance(0.8):
            self.prescribed.setdefault(patient, []).extend([(row["plan_item_id"], plan, service, price)] * quantity)

    def _stay(self, clinic: str, day: date) -> None:
        nights = self.random.randrange(1, 12)
        stay = self.number("ST")
        patient = self._patient(clinic, day)
        row: Row = {
            "stay_id": stay, "clinic_id": clinic, "patient_id": patient, "arrived_on": day, "status": "in_house",
            "resource_id": self.random.choice(BEDS), "package": self.random.choice(["Rest", None]),
        }  # fmt: skip
        if self.chance(0.08):
            self.put("stays", day, row | {"status": "cancelled"})
            return
        self.put("stays", day, dict(row))
        self.put(
            "stays",
            day + timedelta(days=nights),
            row | {"status": "departed", "departed_on": day + timedelta(days=nights)},
        )
        for night in range(nights):
            on = day + timedelta(days=night)
            for department in self.random.sample(["rooms", "food", "medical", "other"], self.random.randrange(1, 5)):
                amount = Decimal(self.random.randrange(10_000, 90_000)) / 100
                charge = {"stay_id": stay, "night_date": on, "department": department, "charge_amount": amount}
                self.put("stay_charges", on, charge)

    def _month(self, day: date) -> None:
        for clinic in CLINICS:
            for channel in CHANNELS[:2]:
                spent = Decimal(self.random.randrange(0, 5_000_000)) / 100
                self.put("marketing_spend", day, {
                    "clinic_id": clinic, "spend_date": day, "channel": channel, "spend_amount": spent,
                })  # fmt: skip
            self.till.office(clinic, day, self.number)

    def _moment(self, clinic: str, day: date, hour: int, minute: int = 0) -> datetime:
        """A wall-clock time of the clinic, in UTC."""
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(CLINICS[clinic]["time_zone"]))
        local += timedelta(hours=hour, minutes=minute)
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def load(warehouse: RawWarehouse, seed: int = 11) -> None:
    """Fills an empty warehouse with the history; nothing is touched, so facts are to be built whole."""
    history = History(seed)
    versions = history.play()
    warehouse.provide(SOURCE)
    with warehouse.connect() as connection:
        for entity, rows in versions.items():
            stored = warehouse.contracts[entity].stored_columns
            table: dict[str, list[str | None]] = {name: [] for name in (*stored, "_export_date")}
            for export_date, row in rows:
                assert row.keys() <= warehouse.contracts[entity].columns.keys(), (entity, row)
                for name in stored:
                    value = row.get(name)
                    table[name].append(None if value is None else str(value))
                table["_export_date"].append(str(export_date))
            arrow = pa.table({name: pa.array(values, pa.string()) for name, values in table.items()})
            connection.register("arrived", arrow)
            kinds = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in stored.items())
            connection.execute(
                f"insert into raw.{entity} by name select {kinds}, '{SOURCE}' as _source,"
                f" cast(_export_date as date) as _export_date, '{entity}.csv' as _file,"
                f" row_number() over () + 1 as _row, 1 as _load_id from arrived"
            )
            connection.unregister("arrived")
        connection.execute(
            f"insert into ops.export_days select '{SOURCE}', unnest(generate_series(date '{FIRST_DAY}',"
            f" date '{LAST_DAY}', interval 1 day))::date"
        )
        survivors = [(SOURCE, "patients", old, kept) for old, kept in history.merged]
        connection.executemany("insert into ops.surviving_ids values (?, ?, ?, ?)", survivors)


def _columns(entity: str) -> frozenset[str]:
    from models.contracts import load_contracts

    return frozenset(load_contracts()[entity].columns)
