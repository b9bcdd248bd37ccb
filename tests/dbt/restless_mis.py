"""A MIS that changes what it can from day to day, and what it exports: rows by export day, some in quarantine.

Days are counted from `FIRST_DAY`; the tests shift a whole MIS by some weeks, so that many fit into one warehouse.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from models.contracts import load_contracts
from models.sources import Profile

Row = dict[str, Any]

CONTRACTS = load_contracts()
FIRST_DAY = date(2010, 1, 4)  # a Monday
DAYS = 4
WINDOW_DAYS = 12
# What happens in the clinic lies up to so many days back: far apart, or one day would hide another.
DAYS_BACK = 20
# Zones that never change their clocks, or shifted days would be cut elsewhere.
ZONES = {"K1": "Asia/Tokyo", "K2": "Asia/Kolkata"}
MODES: dict[str, dict[str, Any]] = {
    "clinics": {"mode": "full"},
    "services": {"mode": "full"},
    "prices": {"mode": "full"},
    "employees": {"mode": "full"},
    "resources": {"mode": "full"},
    "resource_hours": {"mode": "full"},
    "patients": {"mode": "delta"},
    "id_changes": {"mode": "delta"},
    "appointments": {"mode": "delta"},
    "service_lines": {"mode": "replace_window", "window": {"column": "performed_at", "days": WINDOW_DAYS}},
    "line_performers": {"mode": "delta"},
    "payments": {"mode": "full"},
    "treatment_plans": {"mode": "delta"},
    "plan_items": {"mode": "delta"},
}
# Snapshots that now and then hold a row that cannot be read. Their keys are single texts.
READ_BADLY = ("services", "employees", "resources", "payments", "service_lines")


def profile(source: str) -> Profile:
    """Every entity's columns as they are in the contract. Shifts, and the hours of one room, are the calendar's."""
    entities = {
        entity: {"file": f"{entity}.csv", **mode, "columns": {name: name for name in CONTRACTS[entity].columns}}
        for entity, mode in MODES.items()
    }
    zone = {"column": "clinic_id", "default": "UTC", "values": ZONES}
    calendar = {
        "shifts": "from_appointments",
        "resource_hours": [{"weekdays": "Mon-Sat", "opens_at": "08:00", "closes_at": "20:00", "kinds": "room"}],
    }
    return Profile.model_validate(
        {
            "source": source,
            "title": source,
            "delivery": "daily",
            "time_zone": zone,
            "entities": entities,
            "calendar": calendar,
        }
    )


@dataclass
class Delivery:
    """One entity on one export day; `aside` are the keys of rows in quarantine, None where it cannot be told."""

    rows: list[Row]
    aside: list[str | None] = field(default_factory=list)


# Export day → entity → what it delivers; an entity that is not there delivers no file.
Issue = dict[int, dict[str, Delivery]]


class RestlessMis:
    """The state of the MIS at the end of a day."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rows: dict[str, dict[tuple[Any, ...], Row]] = {entity: {} for entity in MODES}
        self.changed: dict[str, dict[tuple[Any, ...], Row]] = {}
        self.today = 0
        self.issued = 0
        for clinic in ZONES:
            self.put("clinics", clinic_id=clinic, clinic_name=clinic, time_zone=ZONES[clinic], currency="RUB")
        for n in range(3):
            self.put("services", service_id=f"S{n}", service_name=f"S{n}", stage="treatment", norm_direct_cost_amount=n)
            self.put("employees", employee_id=f"E{n}", clinic_id="K1", staff_role="doctor", fte=1)
            self.put("patients", patient_id=f"P{n}", clinic_id="K1")
            for clinic in ZONES:
                key = {"service_id": f"S{n}", "clinic_id": clinic, "fee_level": "base"}
                self.put("prices", **key, valid_from=self.day(-9), price_amount=100 + n)
        for room in ("R0", "R1", "R2"):
            place = {"clinic_id": "K1", "resource_name": room, "resource_kind": "room", "is_capacity": True}
            self.put("resources", resource_id=room, **place)
            # The last one has no hours of its own.
            for weekday in range(1, 8) if room != "R2" else ():
                self.put("resource_hours", **self.opening(room, weekday, 9))

    def export_days(self) -> Issue:
        """What every day delivers, in the end."""
        final: Issue = {}
        for self.today in range(DAYS):
            self.changed = {}
            if self.today:
                self.issued = 0
            for _ in range(3):
                self.treat_somebody()
            for change in self.random.sample(self.habits(), 9):
                change()
            final[self.today] = self.deliveries()
        return final

    def deliveries(self) -> dict[str, Delivery]:
        found: dict[str, Delivery] = {}
        for entity, mode in MODES.items():
            rows = self.rows[entity] if mode["mode"] == "full" else self.changed.get(entity, {})
            if mode["mode"] == "replace_window":
                rows = {key: row for key, row in self.rows[entity].items() if is_in_window(row, self.day())}
            if mode["mode"] == "delta" and self.today == 0:
                rows = {**self.rows[entity], **rows}
            # References are not exported every day.
            if rows and (
                self.today == 0 or mode["mode"] != "full" or entity == "payments" or self.random.random() < 0.7
            ):
                found[entity] = Delivery([dict(row) for row in rows.values()])
        for entity in READ_BADLY:
            if self.today and entity in found and self.random.random() < 0.4:
                row = found[entity].rows.pop(self.random.randrange(len(found[entity].rows)))
                found[entity].aside.append(None if self.random.random() < 0.2 else row[CONTRACTS[entity].key[0]])
        return found

    # What is done in a day.

    def habits(self) -> list[Any]:
        return [
            self.change_a_service, self.change_a_service, self.change_an_employee, self.change_a_room,
            self.change_the_hours, self.drop_an_opening, self.change_a_price, self.merge_a_card, self.merge_a_card,
            self.rename_an_employee, self.rename_a_booking, self.correct_a_line, self.move_a_line, self.drop_a_line,
            self.drop_a_payment, self.correct_a_booking, self.delete_a_booking, self.drop_a_reference,
            self.drop_a_reference, self.present_a_plan_later,
        ]  # fmt: skip

    def treat_somebody(self) -> None:
        number, clinic = f"{self.today}{self.issued}", self.random.choice(list(ZONES))
        self.issued += 1
        at, patient = self.moment(), self.any_of("patients")["patient_id"]
        who = self.any_of("employees")["employee_id"]
        common = {"clinic_id": clinic, "patient_id": patient}
        self.put(
            "appointments", appointment_id=f"A{number}", **common, employee_id=who, resource_id="R0", status="attended",
            planned_start_at=at, planned_end_at=at + timedelta(minutes=30), visit_kind="treatment",
        )  # fmt: skip
        self.put("treatment_plans", plan_id=f"T{number}", plan_version=1, **common, presented_at=at)
        item = {"plan_item_id": f"I{number}", "plan_id": f"T{number}", "plan_version": 1, "quantity": 1}
        service = self.any_of("services")["service_id"]
        self.put("plan_items", **item, service_id=service, price_amount=100, item_amount=100)
        self.put(
            "service_lines", service_line_id=f"L{number}", **common, appointment_id=f"A{number}", employee_id=who,
            plan_item_id=f"I{number}", service_id=service, fee_level="base", performed_at=at, quantity=1,
            list_amount=100, discount_amount=0, net_amount=100, status="performed",
        )  # fmt: skip
        self.put("line_performers", service_line_id=f"L{number}", employee_id=who, performer_role="doctor")
        self.put(
            "payments", payment_id=f"M{number}", **common, paid_at=at, payment_kind="payment", payment_amount=100,
            status="done",
        )  # fmt: skip

    def change_a_service(self) -> None:
        stages = ["consultation", "diagnostics", "treatment", "retail"]
        row = self.any_of("services")
        self.put("services", **row | {"stage": self.random.choice(stages), "norm_direct_cost_amount": self.amount()})

    def change_an_employee(self) -> None:
        self.put("employees", **self.any_of("employees") | {"staff_role": self.random.choice(["nurse", "operator"])})

    def change_a_room(self) -> None:
        row = self.any_of("resources")
        self.put("resources", **row | {"is_capacity": not row["is_capacity"]})

    def change_the_hours(self) -> None:
        self.put("resource_hours", **self.opening("R0", self.random.randint(1, 7), self.random.randint(7, 11)))
        dated = {**self.opening("R0", 0, 10), "weekday": None, "on_date": self.day(self.random.randint(-2, 2))}
        self.put("resource_hours", **dated | {"rule_kind": "out_of_service"})

    def change_a_price(self) -> None:
        row = self.any_of("prices")
        since = self.random.choice([row["valid_from"], self.day(-1), self.day(), self.day(1)])
        self.put("prices", **row | {"valid_from": since, "price_amount": self.amount()})

    def merge_a_card(self) -> None:
        self.put(
            "patients", **self.any_of("patients") | {"merged_into_patient_id": self.random.choice(["P0", "P1", None])}
        )

    def rename_an_employee(self) -> None:
        row = self.any_of("employees")
        new_id = self.random.choice([f"{row['employee_id']}x", "E1"])
        if new_id != row["employee_id"]:
            self.drop("employees", row)
            self.put("employees", **row | {"employee_id": new_id})
            self.note_change("employees", row["employee_id"], new_id)

    def rename_a_booking(self) -> None:
        row = self.any_of("appointments")
        self.drop("appointments", row)
        if self.random.random() < 0.5:
            self.changed.setdefault("appointments", {})[row["appointment_id"],] = row | {"_is_deleted": True}
        self.put("appointments", **row | {"appointment_id": f"{row['appointment_id']}x"})
        self.note_change("appointments", row["appointment_id"], f"{row['appointment_id']}x")

    def correct_a_line(self) -> None:
        amount = self.amount()
        self.put("service_lines", **self.any_of("service_lines") | {"list_amount": amount, "net_amount": amount})

    def move_a_line(self) -> None:
        self.put("service_lines", **self.any_of("service_lines") | {"performed_at": self.moment()})

    def drop_a_line(self) -> None:
        self.drop("service_lines", self.any_of("service_lines"))

    def drop_a_payment(self) -> None:
        self.drop("payments", self.any_of("payments"))

    def correct_a_booking(self) -> None:
        row = self.any_of("appointments") | {"status": self.random.choice(["no_show", "attended", "cancelled"])}
        self.put("appointments", **row | {"planned_start_at": self.moment()})

    def delete_a_booking(self) -> None:
        row = self.any_of("appointments")
        self.drop("appointments", row)
        self.changed.setdefault("appointments", {})[row["appointment_id"],] = row | {"_is_deleted": True}

    def drop_a_reference(self) -> None:
        entity = self.random.choice(["services", "employees", "prices", "resources"])
        if len(self.rows[entity]) > 1:
            self.drop(entity, self.any_of(entity))

    def drop_an_opening(self) -> None:
        self.drop("resource_hours", self.any_of("resource_hours"))

    def present_a_plan_later(self) -> None:
        self.put("treatment_plans", **self.any_of("treatment_plans") | {"presented_at": self.moment()})

    # How it is done.

    def put(self, entity: str, /, **row: Any) -> None:
        if "updated_at" in CONTRACTS[entity].columns:
            row["updated_at"] = datetime.combine(self.day(), datetime.min.time()) + timedelta(hours=20)
        key = tuple(row[name] for name in CONTRACTS[entity].key)
        self.rows[entity][key] = self.changed.setdefault(entity, {})[key] = row

    def drop(self, entity: str, row: Row) -> None:
        key = tuple(row[name] for name in CONTRACTS[entity].key)
        del self.rows[entity][key]
        self.changed.get(entity, {}).pop(key, None)

    def note_change(self, entity: str, old_id: str, new_id: str) -> None:
        self.put("id_changes", entity=entity, old_id=old_id, new_id=new_id, changed_on=self.day())

    def any_of(self, entity: str) -> Row:
        return dict(self.random.choice(list(self.rows[entity].values())))

    def opening(self, room: str, weekday: int, hour: int) -> Row:
        key = {"resource_hours_id": f"{room}-{weekday}", "resource_id": room, "weekday": weekday, "rule_kind": "open"}
        return {**key, "opens_at": f"{hour:02d}:00", "closes_at": "18:00"}

    def amount(self) -> int:
        return self.random.randint(1, 999)

    def day(self, later: int = 0) -> date:
        return FIRST_DAY + timedelta(days=self.today + later)

    def moment(self) -> datetime:
        back = timedelta(days=self.random.randrange(DAYS_BACK), minutes=self.random.randrange(1440))
        return datetime.combine(self.day(1), datetime.min.time()) - back


def first_issue(final: Issue, seed: int) -> Issue:
    """The days as they were issued at first: rows and whole entities missing, rows other, other rows in quarantine."""
    chance = random.Random(seed)
    issue: Issue = {}
    for day, deliveries in final.items():
        issue[day] = {}
        for entity, delivery in deliveries.items():
            rows = [dict(row) for row in delivery.rows if chance.random() < 0.8]
            for row in rows:
                for name, other in (
                    ("net_amount", 1),
                    ("stage", "other"),
                    ("status", "cancelled"),
                    ("staff_role", "other"),
                ):
                    if name in row and entity != "payments" and chance.random() < 0.3:
                        row[name] = other
                if row.get("merged_into_patient_id") and chance.random() < 0.5:
                    row["merged_into_patient_id"] = None
            if chance.random() < 0.85:
                issue[day][entity] = Delivery(rows, list(delivery.aside) if chance.random() < 0.5 else [])
    return issue


def is_in_window(row: Row, export_day: date) -> bool:
    """Whether the export of that day holds a service line."""
    ahead = {"K1": timedelta(hours=9), "K2": timedelta(hours=5, minutes=30)}[row["clinic_id"]]
    return export_day - timedelta(days=WINDOW_DAYS) <= (row["performed_at"] + ahead).date() <= export_day


def standing_keys(final: Issue, entity: str) -> set[str]:
    """Keys that stand after the last day, told by going through the days with pen and paper."""
    (key,) = CONTRACTS[entity].key
    known: dict[str, Row] = {}
    for day, deliveries in sorted(final.items()):
        delivery = deliveries.get(entity)
        if delivery is None:
            continue
        delivered = {row[key]: row for row in delivery.rows}
        for one, row in list(known.items()):
            told = MODES[entity]["mode"] == "full" or is_in_window(row, FIRST_DAY + timedelta(days=day))
            if told and None not in delivery.aside and one not in delivered and one not in delivery.aside:
                del known[one]
        known |= delivered
    return set(known)
