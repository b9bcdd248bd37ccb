"""A sanatorium's beds and guests by loops over plain rows, from the words of the catalogue. Nothing is rounded here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
ONE_DAY = timedelta(days=1)
PROCEDURES = ("diagnostics", "treatment", "rehabilitation")


@dataclass(frozen=True)
class Switches:
    bed_day_rule: str = "nights"
    out_of_order_hours: int = 24
    stay_charges: str = "beside_lines"


class Sanatorium:
    def __init__(self, tables: dict[str, list[Row]], last_export: date, switches: Switches) -> None:
        self.switches = switches
        self.last = last_export
        self.calendar: dict[str, set[date]] = defaultdict(set)
        for row in tables["int_clinic_days"]:
            self.calendar[row["clinic_id"]].add(row["local_date"])
        self.stays = [stay for stay in tables["stg_stays"] if self._has_come(stay)]
        self.beds = [row for row in tables["dim_resource_history"] if row["resource_kind"] == "bed"]
        self.closures: dict[tuple[str, date], list[Row]] = defaultdict(list)
        for row in tables["fct_openings"]:
            if row["rule_kind"] == "out_of_service":
                self.closures[row["resource_id"], row["local_date"]].append(row)
        self.expenses = tables["stg_expenses"]
        clinic_of = {stay["stay_id"]: stay["clinic_id"] for stay in tables["stg_stays"]}
        self.charges = [row | {"clinic_id": clinic_of.get(row["stay_id"])} for row in tables["stg_stay_charges"]]
        self.lines: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
        for line in tables["fct_service_lines"]:
            if line["line_status"] == "performed" and line["patient_id"]:
                self.lines[line["clinic_id"], line["patient_id"], line["local_date"]].append(line)

    def _has_come(self, stay: Row) -> bool:
        came = stay["stay_status"] in ("in_house", "departed", None) and stay["arrived_on"] <= self.last
        return came and (stay["stay_status"] != "departed" or (stay["departed_on"] or date.max) <= self.last)

    def nights(self, stay: Row) -> Iterator[date]:
        """From arrival to the night before departure, or the last one that an export has reached."""
        day = stay["arrived_on"]
        while day < (stay["departed_on"] or date.max) and day <= self.last:
            yield day
            day += ONE_DAY

    def days(self, stay: Row) -> set[date]:
        """Its nights, and the day of departure."""
        left = stay["departed_on"]
        return {*self.nights(stay), *([left] if left and stay["arrived_on"] <= left <= self.last else [])}

    def beds_in_service(self, clinic: str, day: date) -> list[str]:
        return [
            bed["resource_id"]
            for bed in self.beds
            if bed["clinic_id"] == clinic
            and bed["version_from"] <= day <= (bed["version_to"] or date.max)
            and day < (bed["removed_on"] or date.max)
            and (bed["valid_from"] or date.min) <= day <= (bed["valid_to"] or date.max)
        ]

    def is_closed(self, bed: str, day: date) -> bool:
        minutes = set()
        for closure in self.closures[bed, day]:
            minute = closure["starts_at"]
            while minute < closure["ends_at"]:
                minutes.add(minute)
                minute += timedelta(minutes=1)
        return bool(minutes) and len(minutes) >= self.switches.out_of_order_hours * 60

    def has_beds(self, clinic: str) -> bool:
        return any(bed["clinic_id"] == clinic for bed in self.beds) or any(
            stay["clinic_id"] == clinic for stay in self.stays
        )

    def figures(self, clinics: Iterable[str], start: date, end: date) -> dict[str, Any] | None:
        """Measured figures of a scope in a period; None if no clinic of it has beds."""
        houses = [clinic for clinic in clinics if self.has_beds(clinic)]
        if not houses:
            return None
        found: dict[str, Any] = defaultdict(Decimal)
        guests: set[str] = set()
        buyers: set[str] = set()
        costs = [
            row["expense_amount"]
            for row in self.expenses
            if row["clinic_id"] in houses
            and start <= row["expense_date"] <= end
            and row["expense_kind"] not in ("interest", "tax")
        ]
        for clinic in houses:
            self._beds(found, clinic, start, end)
            self._guests(found, guests, buyers, clinic, start, end)
        for charge in self.charges:
            if charge["clinic_id"] in houses and start <= charge["night_date"] <= end:
                found[f"{charge['department']}_charges_amount"] += charge["charge_amount"]
        if self.switches.stay_charges == "within_lines":
            found["guest_services_amount"] = Decimal(0)
        charged = sum(found[f"{name}_charges_amount"] for name in ("rooms", "food", "medical", "other"))
        return {
            **dict.fromkeys(("rooms_sold", "rooms_available", "rooms_out_of_order"), 0),
            **found,
            "max_capacity_bed_days": found["rooms_available"],
            "total_revenue_amount": charged + found["guest_services_amount"],
            "medical_revenue_amount": found["medical_charges_amount"] + found["guest_services_amount"],
            "operating_cost_amount": sum(costs) if costs else None,
            "guests": len(guests),
            "guests_with_procedure": len(buyers),
        }

    def _beds(self, found: dict[str, Any], clinic: str, start: date, end: date) -> None:
        sold: dict[date, set[str]] = defaultdict(set)
        for stay in self.stays:
            if stay["clinic_id"] == clinic:
                for night in self.nights(stay):
                    sold[night].add(stay["resource_id"] or stay["stay_id"])
        day = start
        while day <= min(end, self.last):
            if day in self.calendar[clinic]:
                beds = self.beds_in_service(clinic, day)
                found["rooms_available"] += len(beds)
                found["rooms_out_of_order"] += sum(self.is_closed(bed, day) and bed not in sold[day] for bed in beds)
                found["rooms_sold"] += len(sold[day])
            day += ONE_DAY

    def _guests(
        self, found: dict[str, Any], guests: set[str], buyers: set[str], clinic: str, start: date, end: date
    ) -> None:
        present: set[tuple[str, date]] = set()
        for stay in self.stays:
            if stay["clinic_id"] == clinic:
                nights = [night for night in self.nights(stay) if start <= night <= end]
                days = [day for day in self.days(stay) if start <= day <= end]
                found["guest_nights"] += len(nights)
                found["bed_days"] += len(nights if self.switches.bed_day_rule == "nights" else days)
                present |= {(stay["patient_id"], day) for day in days}
        for patient, day in present:
            guests.add(patient)
            for line in self.lines[clinic, patient, day]:
                found["guest_services_amount"] += line["net_amount"]
                is_refund = line["original_line_id"] is not None or line["quantity"] < 0
                if line["service_stage"] in PROCEDURES and not is_refund:
                    found["procedures"] += 1
                    if line["net_amount"] > 0:
                        buyers.add(patient)
