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

Resource = dict[str, Any]


@dataclass
class Truth:
    """Figures counted while the export was made."""

    attended: int = 0
    no_show: int = 0
    cancelled: int = 0
    scheduled: int = 0
    revenue: Decimal = Decimal(0)
    invoices: int = 0
    invoiced_lines: int = 0
    slots: int = 0
    booked_slots: int = 0
    plans: int = 0
    attended_minutes: int = 0


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
        "Location", "site", name="Клиника на Садовой", physicalType=_coding("si"), address={"city": "Москва"}
    )
    rooms = [
        export.add("Location", name, name=f"Кабинет {name}", physicalType=_coding("ro"), partOf={"reference": site})
        for name in ("1", "2")
    ]
    doctors = [_add_doctor(export, number) for number in range(3)]
    patients = [_add_patient(export, number) for number in range(40)]
    price = {code: {"value": float(amount), "currency": "RUB"} for code, (_, amount) in _SERVICES.items()}
    for code in _SERVICES:
        component = [{"type": "base", "amount": price[code]}]
        export.add("ChargeItemDefinition", code, code=_service(code), propertyGroup=[{"priceComponent": component}])
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
    _add_plans(export, doctors[0], patients)
    return export


def _add_doctor(export: FhirExport, number: int) -> str:
    qualification = [{"code": _coding("RN" if number == 2 else "MD") | {"text": "Терапия"}}]
    return export.add("Practitioner", number, name=[{"text": f"Доктор {number}"}], qualification=qualification)


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
    appointment = export.add(
        "Appointment", number, status=status, participant=participants, slot=[{"reference": slot}],
        created=booked, appointmentType=_coding(dice.choice(["ROUTINE", "CHECKUP", "OTHER"])), **period,
    )  # fmt: skip
    name = {"fulfilled": "attended", "noshow": "no_show", "cancelled": "cancelled", "booked": "scheduled"}[status]
    setattr(truth, name, getattr(truth, name) + 1)
    if status != "fulfilled":
        return
    minutes = dice.randint(20, 45)
    truth.attended_minutes += minutes
    took = (starts, starts + timedelta(minutes=minutes))
    in_utc = [moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in took]
    encounter = export.add(
        "Encounter", number, status="finished", appointment=[{"reference": appointment}],
        period=dict(zip(("start", "end"), in_utc, strict=True)),
        location=[{"location": {"reference": room}}],
    )  # fmt: skip
    billed: dict[str, Decimal] = {}
    for line in range(dice.randint(1, 2)):
        code = dice.choice(list(_SERVICES))
        quantity, is_billed = dice.randint(1, 2), dice.random() < 0.95
        amount = Decimal(_SERVICES[code][1]) * quantity
        charge = export.add(
            "ChargeItem",
            f"{number}-{line}",
            status="billed" if is_billed else "aborted",
            code=_service(code),
            subject={"reference": patient},
            context={"reference": encounter},
            performer=[{"actor": {"reference": doctor}}],
            occurrenceDateTime=starts.isoformat(),
            quantity={"value": quantity},
            priceOverride={"value": float(amount)},
        )
        if is_billed:
            billed[charge] = amount
    if billed:
        _add_invoice(export, number, starts, patient, billed)


def _add_invoice(export: FhirExport, number: int, issued: datetime, patient: str, billed: dict[str, Decimal]) -> None:
    total = sum(billed.values(), Decimal(0))
    export.add(
        "Invoice", number, status="balanced", subject={"reference": patient}, date=issued.isoformat(),
        issuer={"reference": "Organization/or-1"}, totalNet={"value": float(total), "currency": "RUB"},
        lineItem=[{"sequence": n, "chargeItemReference": {"reference": charge}} for n, charge in enumerate(billed, 1)],
    )  # fmt: skip
    export.truth.revenue += total
    export.truth.invoices += 1
    export.truth.invoiced_lines += len(billed)


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
