"""A FHIR R4 bulk export of a small clinic, and what must come out of it. Made anew from a seed. No tests."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

EXPORTED_ON = date(2026, 3, 1)
_FIRST_DAY = date(2026, 2, 2)
_MOSCOW = timezone(timedelta(hours=3))
_SERVICES = {
    "A01": ("Приём терапевта", "2500.00"),
    "B07": ("УЗИ брюшной полости", "3100.50"),
    "C12": ("Массаж", "1800.00"),
}
_STATUSES = ["fulfilled"] * 7 + ["noshow", "cancelled", "booked"]
_ORGANISATION = {"reference": "Organization/or-1"}
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
# By number of the room.
_HOURS: list[list[dict[str, Any]]] = [
    [
        {"daysOfWeek": _WEEKDAYS, "openingTime": "09:00:00", "closingTime": "13:00:00"},
        {"daysOfWeek": _WEEKDAYS, "openingTime": "14:00:00", "closingTime": "18:00:00"},
        {"daysOfWeek": ["sat"], "openingTime": "09:00:00", "closingTime": "15:00:00"},
    ],
    [
        {"daysOfWeek": [*_WEEKDAYS, "sat"], "openingTime": "08:00:00", "closingTime": "20:00:00"},
        {"daysOfWeek": ["sun"], "allDay": True},
    ],
]

Resource = dict[str, Any]


@dataclass
class Truth:
    """Figures counted while the export was made."""

    attended: int = 0
    no_show: int = 0
    cancelled: int = 0
    scheduled: int = 0
    revenue: Decimal = Decimal(0)
    slots: int = 0
    booked_slots: int = 0
    plans: int = 0
    attended_minutes: int = 0
    cancelled_by_patient: int = 0
    walk_ins: int = 0
    # Invoice → its amount and its lines, of those that are issued or paid.
    invoices: dict[str, tuple[Decimal, list[str]]] = field(default_factory=dict)


@dataclass
class FhirExport:
    """Resources by type; `write` makes one file of each."""

    resources: dict[str, list[Resource]] = field(default_factory=dict)
    truth: Truth = field(default_factory=Truth)

    def add(self, kind: str, number: object, **content: Any) -> str:
        """Adds a resource; returns the reference to it."""
        identity = f"{kind[:2].lower()}-{number}"
        updated = f"{EXPORTED_ON}T00:00:00.000+03:00"
        resource = {"resourceType": kind, "id": identity, "meta": {"lastUpdated": updated}, **content}
        self.resources.setdefault(kind, []).append(resource)
        return f"{kind}/{identity}"

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, resources in self.resources.items():
            lines = [json.dumps(resource, ensure_ascii=False) for resource in resources]
            (folder / f"{kind}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")


def make_export(seed: int = 7, days: int = 20) -> FhirExport:
    """A clinic with two rooms and three doctors on `days` working days."""
    dice, export = random.Random(seed), FhirExport()
    site = export.add(
        "Location", "site", name="Клиника на Садовой", physicalType=_coding("si"), address={"city": "Москва"},
        managingOrganization=_ORGANISATION,
    )  # fmt: skip
    rooms = [
        export.add(
            "Location", number, name=f"Кабинет {number}", physicalType=_coding("ro"), partOf={"reference": site},
            managingOrganization=_ORGANISATION, hoursOfOperation=hours,
        )
        for number, hours in enumerate(_HOURS, 1)
    ]  # fmt: skip
    doctors = [_add_doctor(export, number) for number in range(3)]
    # Of one doctor the server names the role everywhere.
    doctors[1] = export.add("PractitionerRole", "role", practitioner={"reference": doctors[1]})
    patients = [_add_patient(export, number) for number in range(40)]
    price = {code: {"value": float(amount), "currency": "RUB"} for code, (_, amount) in _SERVICES.items()}
    for code in _SERVICES:
        component = [{"type": "base", "amount": price[code]}]
        group = [{"priceComponent": component}]
        export.add("ChargeItemDefinition", code, status="active", code=_service(code), propertyGroup=group)
    export.add("ChargeItemDefinition", "old", status="retired", code=_service("B07"))
    schedules = [
        export.add("Schedule", number, actor=[{"reference": doctor}, {"reference": rooms[number % 2]}])
        for number, doctor in enumerate(doctors)
    ]
    number = 0
    for day in (_FIRST_DAY + timedelta(days=offset) for offset in range(days)):
        for hour in range(9, 15):
            for doctor, schedule in zip(doctors[:2], schedules[:2], strict=True):
                number += 1
                starts = datetime(day.year, day.month, day.day, hour, tzinfo=_MOSCOW)
                _add_slot(export, dice, number, starts, schedule, doctor, rooms, patients)
    for number in range(3):
        starts = datetime(2026, 2, 7 + number, 15, 30, tzinfo=_MOSCOW)
        export.truth.walk_ins += 1
        export.truth.attended_minutes += _add_visit(
            export, dice, f"walk-in-{number}", starts, rooms[0], doctors[number % 2], patients[number]
        )
    _add_plans(export, doctors[0], patients)
    _add_mistakes(export, patients[0])
    return export


def _add_doctor(export: FhirExport, number: int) -> str:
    known = {"qualification": [{"code": _coding("MD") | {"text": "Терапия"}}]} if number != 2 else {}
    return export.add("Practitioner", number, name=[{"text": f"Доктор {number}"}], **known)


def _add_patient(export: FhirExport, number: int) -> str:
    telecom = [
        {"system": "email", "value": f"p{number}@example.org"},
        {"system": "phone", "value": f"+7900{number:07}"},
    ]
    born, gender = f"19{50 + number}-01-02", ("female", "male")[number % 2]
    return export.add(
        "Patient", number, name=[{"text": f"Пациент {number}"}], telecom=telecom, birthDate=born, gender=gender
    )


def _add_slot(
    export: FhirExport,
    dice: random.Random,
    number: int,
    starts: datetime,
    schedule: str,
    doctor: str,
    rooms: list[str],
    patients: list[str],
) -> None:
    truth, ends = export.truth, starts + timedelta(minutes=45)
    is_booked = dice.random() < 0.7
    period = {"start": starts.isoformat(), "end": ends.isoformat()}
    slot = export.add(
        "Slot", number, schedule={"reference": schedule}, status="busy" if is_booked else "free", **period
    )
    truth.slots += 1
    if not is_booked:
        return
    truth.booked_slots += 1
    status, patient = dice.choice(_STATUSES), dice.choice(patients)
    room = rooms[int(schedule[-1]) % 2]
    participants = [{"actor": {"reference": reference}} for reference in (patient, doctor, room)]
    dice.shuffle(participants)
    booked = (starts - timedelta(days=dice.randint(1, 14))).isoformat()
    # Some servers close the encounter alone.
    told = "arrived" if status == "fulfilled" and number % 5 == 0 else status
    reason = {"cancelationReason": _coding(dice.choice(["pat-crs", "prov"]))} if status == "cancelled" else {}
    appointment = export.add(
        "Appointment", number, status=told, participant=participants, slot=[{"reference": slot}],
        created=booked, appointmentType=_coding(dice.choice(["ROUTINE", "CHECKUP", "OTHER"])), **period, **reason,
    )  # fmt: skip
    name = {"fulfilled": "attended", "noshow": "no_show", "cancelled": "cancelled", "booked": "scheduled"}[status]
    setattr(truth, name, getattr(truth, name) + 1)
    if reason == {"cancelationReason": _coding("pat-crs")}:
        truth.cancelled_by_patient += 1
    if status == "fulfilled":
        truth.attended_minutes += _add_visit(export, dice, number, starts, room, doctor, patient, appointment)


def _add_visit(
    export: FhirExport,
    dice: random.Random,
    number: object,
    starts: datetime,
    room: str,
    doctor: str,
    patient: str,
    appointment: str | None = None,
) -> int:
    """An encounter with what was charged for it, and its invoice; returns its minutes."""
    minutes = dice.randint(20, 45)
    took = (starts, starts + timedelta(minutes=minutes))
    in_utc = [moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in took]
    booked = {"appointment": [{"reference": appointment}]} if appointment else {}
    participants = [{"individual": {"reference": doctor}}]
    encounter = export.add(
        "Encounter", number, status="finished", period=dict(zip(("start", "end"), in_utc, strict=True)),
        subject={"reference": patient}, participant=participants, location=[{"location": {"reference": room}}],
        **{"class": {"code": "AMB"}}, **booked,
    )  # fmt: skip
    if appointment:
        # Begun by mistake and cancelled: not the visit.
        period = {"start": in_utc[0], "end": in_utc[0]}
        export.add("Encounter", f"{number}-x", status="cancelled", period=period, **booked)
    charged: dict[str, Decimal] = {}
    for line in range(dice.randint(1, 2)):
        code = dice.choice(list(_SERVICES))
        quantity, is_billed = dice.randint(1, 2), dice.random() < 0.95
        amount = Decimal(_SERVICES[code][1]) * quantity
        # One need not be told, and when may be a span.
        when = {"occurrencePeriod": {"start": starts.isoformat()}} if line else {"occurrenceDateTime": in_utc[0]}
        item = export.add(
            "ChargeItem",
            f"{number}-{line}",
            status="billed" if is_billed else "aborted",
            code=_service(code),
            subject={"reference": patient},
            context={"reference": encounter},
            performer=[{"actor": {"reference": doctor}}],
            priceOverride={"value": float(amount)},
            **when,
            **({} if quantity == 1 else {"quantity": {"value": quantity}}),
        )
        if is_billed:
            charged[item] = amount
            export.truth.revenue += amount
    if charged:
        _add_invoices(export, dice, number, starts, patient, charged)
    return minutes


def _add_invoices(
    export: FhirExport,
    dice: random.Random,
    number: object,
    starts: datetime,
    patient: str,
    charged: dict[str, Decimal],
) -> None:
    """The invoice of a visit; of some an earlier one was cancelled, of which it repeats the lines."""
    total, is_anew = sum(charged.values(), Decimal(0)), dice.random() < 0.1
    content = {
        "subject": {"reference": patient},
        "issuer": dice.choice([_ORGANISATION, {"reference": "Location/lo-site"}]),
        "date": dice.choice([starts.isoformat(), str(starts.date())]),
        "totalNet": {"value": float(total), "currency": "RUB"},
        "lineItem": [
            {"sequence": place, "chargeItemReference": {"reference": item}} for place, item in enumerate(charged, 1)
        ],
    }
    if is_anew:
        export.add("Invoice", f"{number}-x", status="cancelled", **content)
    invoice = export.add("Invoice", number, status=dice.choice(["issued", "balanced"]), **content)
    export.truth.invoices[invoice.partition("/")[2]] = (total, [item.partition("/")[2] for item in charged])


def _add_mistakes(export: FhirExport, patient: str) -> None:
    """What servers hold and is no visit or invoice: a wish without a time, a week in bed, drafts, entries in error."""
    participant = [{"actor": {"reference": patient}}]
    export.add("Appointment", "wish", status="waitlist", participant=participant)
    stay = {
        "subject": {"reference": patient},
        "period": {"start": "2026-02-03T09:00:00Z", "end": "2026-02-09T09:00:00Z"},
        "location": [{"location": {"reference": "Location/lo-1"}}],
    }
    export.add("Encounter", "stay", status="finished", **{"class": {"code": "IMP"}}, **stay)
    visit = {"period": {"start": "2026-02-03T09:00:00Z", "end": "2026-02-03T09:30:00Z"}, "class": {"code": "AMB"}}
    export.add("Encounter", "typo", status="entered-in-error", **(stay | visit))
    content = {"subject": {"reference": patient}, "issuer": {"reference": "Location/lo-site"}, "date": "2026-02-05"}
    for status in ("draft", "entered-in-error"):
        lines = [{"chargeItemCodeableConcept": _service("A01")}]
        export.add("Invoice", status, status=status, totalNet={"value": 1}, lineItem=lines, **content)


def _add_plans(export: FhirExport, doctor: str, patients: list[str]) -> None:
    for number, patient in enumerate(patients[:10]):
        plan = export.add(
            "CarePlan", number, status="active", subject={"reference": patient}, author={"reference": doctor},
            title="Курс", created="2026-02-10T12:00:00+03:00",
        )  # fmt: skip
        export.truth.plans += 1
        for code in ("B07", "C12"):
            export.add(
                "ServiceRequest", f"{number}-{code}", status="active", intent="plan", basedOn=[{"reference": plan}],
                code=_service(code), subject={"reference": patient}, quantityQuantity={"value": 3},
                authoredOn="2026-02-10T12:00:00+03:00",
            )  # fmt: skip


def _coding(code: str) -> Resource:
    return {"coding": [{"code": code}]}


def _service(code: str) -> Resource:
    return {"coding": [{"code": code, "display": _SERVICES[code][0]}]}
