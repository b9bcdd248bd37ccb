"""The reference data of the long history: clinics, rooms and their hours, staff, services and prices."""

from __future__ import annotations

from typing import Any

from raw_warehouse import Row

CLINICS: dict[str, dict[str, str]] = {
    "K1": {"time_zone": "Europe/Berlin", "currency": "RUB"},
    "K2": {"time_zone": "Asia/Yekaterinburg", "currency": "RUB"},
    "K3": {"time_zone": "Europe/Madrid", "currency": "EUR"},
}
DOCTORS = {"K1": ["E1", "E2", "E3"], "K2": ["E4", "E1"], "K3": ["E5", "E6"]}
ROOMS = {"K1": ["R1", "R2", "D1"], "K2": ["R3", "R4"], "K3": ["R5", "R6"]}
BEDS = ["B1", "B2", "B3"]
SERVICES: dict[str, dict[str, Any]] = {
    "S1": {"stage": "consultation", "price": "1500.00", "norm": None, "minutes": 30, "category": "Visits"},
    "S2": {"stage": "diagnostics", "price": "2333.33", "norm": "210.55", "minutes": 20, "category": "Ultrasound"},
    "S3": {"stage": "treatment", "price": "999.99", "norm": "50", "minutes": 40, "category": "Massage"},
    "S4": {"stage": "treatment", "price": "12000.00", "norm": "4000.10", "minutes": 60, "category": "Dentistry"},
    "S5": {"stage": "rehabilitation", "price": "700.50", "norm": None, "minutes": 45, "category": "Massage"},
    "S6": {"stage": None, "price": "333.34", "norm": "33.33", "minutes": None, "category": None},
    "S9": {"stage": "retail", "price": "101.01", "norm": "60.60", "minutes": None, "category": "Goods"},
}
SPECIALTIES = {"E1": "Neurology", "E2": "Dentistry", "E3": None, "E4": "Dentistry", "E5": "Neurology", "E6": "Massage"}


def references() -> dict[str, list[Row]]:
    """Entity → rows, as of the first day."""
    return {
        "clinics": [{"clinic_id": name, "clinic_name": name, **about} for name, about in CLINICS.items()],
        "resources": list(_resources()),
        "resource_hours": list(_hours()),
        "employees": [
            {"employee_id": name, "clinic_id": clinic, "staff_role": "doctor", "specialty": specialty, "fte": "1"}
            for name, specialty in SPECIALTIES.items()
            for clinic in [next(clinic for clinic, doctors in DOCTORS.items() if name in doctors)]
        ],
        "services": [
            {
                "service_id": name, "service_name": name, "service_category": about["category"],
                "stage": about["stage"], "norm_minutes": about["minutes"], "norm_direct_cost_amount": about["norm"],
            }
            for name, about in SERVICES.items()
        ],
        "prices": [
            {
                "service_id": name, "clinic_id": clinic, "fee_level": level, "valid_from": "2025-01-01",
                "price_amount": about["price"],
            }
            for name, about in SERVICES.items()
            for clinic in CLINICS
            for level in ("base", "expert")
        ],
    }  # fmt: skip


def _resources() -> list[Row]:
    rows: list[Row] = []
    for clinic, names in ROOMS.items():
        for name in names:
            is_device = name.startswith("D")
            rows.append(
                {
                    "resource_id": name, "clinic_id": clinic, "resource_name": name,
                    "resource_kind": "device" if is_device else "room", "is_capacity": not is_device,
                    "specialty": {"R1": "Neurology", "R2": "Dentistry", "R3": "Dentistry", "R5": "Massage"}.get(name),
                    "valid_from": "2025-03-17" if name == "R4" else None,
                    "valid_to": "2025-11-16" if name == "R6" else None,
                    "purchase_cost_amount": "250000.00" if name in ("D1", "R2") else None,
                }
            )  # fmt: skip
    beds = [
        {
            "resource_id": name, "clinic_id": "K3", "resource_name": name, "resource_kind": "bed", "is_capacity": False,
            "valid_from": "2025-06-01" if name == "B3" else None,
        }
        for name in BEDS
    ]  # fmt: skip
    return rows + beds


def _hours() -> list[Row]:
    rows: list[Row] = []

    def rule(resource: str, opens: str, closes: str, kind: str = "open", **when: object) -> None:
        number = f"H{len(rows)}"
        rows.append(
            {
                "resource_hours_id": number, "resource_id": resource, "rule_kind": kind, "opens_at": opens,
                "closes_at": closes, **when,
            }
        )  # fmt: skip

    for names in ROOMS.values():
        for name in names:
            for weekday in range(1, 7):
                rule(name, "08:00", "20:00" if weekday < 6 else "14:30", weekday=weekday)
    rule("R1", "12:00", "13:30", weekday=3, valid_from="2025-05-01", valid_to="2025-09-30")  # a second span of one day
    for day in ("2025-05-09", "2025-12-31"):
        rule("R1", "08:00", "20:00", kind="out_of_service", on_date=day)
        rule("R5", "10:00", "12:00", on_date=day)  # replaces the weekday's hours
    rule("B1", "00:00", "24:00", kind="out_of_service", on_date="2025-07-15")
    return rows
