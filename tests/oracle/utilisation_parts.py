"""Load regimes, the drill-downs of slot value and the economics of equipment, by loops over plain rows.

Written from the words of the catalogue, not from the SQL. Stands on the oracle of utilisation for whose hours are
taken.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.computed import half_away
from oracle.intervals import Interval, clipped, length, length_without
from oracle.utilisation import NOBODY, Figures, Row, Utilisation, on_the_wall

from models.metrics import load_catalogue

HOUR = timedelta(hours=1)
PARAMETERS = load_catalogue().parameters


@dataclass(frozen=True)
class Regimes:
    window_days: int = int(PARAMETERS["regime_window_days"].default)
    fill_percent: int = int(PARAMETERS["regime_fill_percent"].default)
    price_percent: int = int(PARAMETERS["regime_price_percent"].default)
    raise_percent: int = int(PARAMETERS["regime_raise_percent"].default)

    def blocks(
        self, oracle: Utilisation, specialties: dict[str, str | None], last: date
    ) -> dict[tuple[Any, ...], Figures]:
        """(Clinic, resource, weekday, hour) → what is measured there, with `regime` and `lever`."""
        first = last - timedelta(days=self.window_days - 1)
        filled: dict[tuple[Any, ...], Figures] = defaultdict(
            lambda: {"open_seconds": 0, "doctor_seconds": 0, "sold_seconds": 0}
        )
        for (clinic, resource, start), kinds in _hours(oracle).items():
            if first <= start.date() <= last:
                block = filled[clinic, resource, start.isoweekday(), start.hour]
                within = (start, start + HOUR)
                clip = {kind: clipped(found, within) for kind, found in kinds.items()}
                block["open_seconds"] += length_without(clip.get("open", []), clip.get("out_of_service", []))
                block["sold_seconds"] += length(clip.get("visit", []))
                block["doctor_seconds"] += length(clip.get("visit", []) + clip.get("shift", []))
        own, usual = _hour_values(oracle, specialties, first, last)
        return {
            key: block | self._judged(block, own.get(key[:2]), usual.get(key[:2]))
            for key, block in filled.items()
            if block["open_seconds"] or block["doctor_seconds"]
        }

    def _judged(self, block: Figures, own: Decimal | None, usual: Decimal | None) -> Figures:
        opened, sold = block["open_seconds"], block["sold_seconds"]
        told: Figures = {
            "hour_value": own, "target_hour_value": None, "money_at_stake_amount": None, "regime": None, "lever": None,
        }  # fmt: skip
        if not opened:
            return told
        share = Fraction(100 * sold, opened)
        if share <= self.fill_percent:
            without_doctor = Fraction(opened - block["doctor_seconds"], opened - sold) if opened > sold else 1
            told |= {"regime": "fill", "lever": "sublet" if without_doctor >= Fraction(1, 2) else "attract"}
            told["target_hour_value"] = usual
            if usual is not None:
                told["money_at_stake_amount"] = Fraction(opened - sold, 3600) * Fraction(usual)
        elif share >= self.price_percent:
            told |= {"regime": "price", "lever": "raise_value"}
            if own is not None and usual is not None:
                target = max(usual, half_away(Fraction(own) * (100 + self.raise_percent) / 100, 2))
                told["target_hour_value"] = target
                told["money_at_stake_amount"] = Fraction(sold, 3600) * Fraction(target - own)
        else:
            told |= {"regime": "balance", "lever": "keep", "money_at_stake_amount": 0}
        return told


def _hours(oracle: Utilisation) -> dict[tuple[str, str, datetime], dict[str, list[Interval]]]:
    """(Clinic, resource, clock hour) → kind → intervals that touch it, by the clock on the wall."""
    found: dict[tuple[str, str, datetime], dict[str, list[Interval]]] = defaultdict(lambda: defaultdict(list))

    def note(clinic: str, resource: str, kind: str, start: datetime, end: datetime) -> None:
        hour = start.replace(minute=0, second=0, microsecond=0)
        while hour < end:
            found[clinic, resource, hour][kind].append((start, end))
            hour += HOUR

    for part in oracle.taken:
        zone = oracle.clinics[part.row["clinic_id"]]["time_zone"]
        start, end = (on_the_wall(moment, zone) for moment in part.interval)
        note(part.row["clinic_id"], part.resource_id, "visit" if part.is_visit else "shift", start, end)
    for row in oracle.in_service:
        if oracle.is_capacity(row["resource_id"], row["local_date"]):
            for rule in oracle.openings[row["resource_id"], row["local_date"]]:
                note(row["clinic_id"], row["resource_id"], rule["rule_kind"], rule["starts_at"], rule["ends_at"])
    return found


Values = dict[tuple[str, str], Decimal | None]


def _hour_values(
    oracle: Utilisation, specialties: dict[str, str | None], first: date, last: date
) -> tuple[Values, Values]:
    """What an hour of each resource brought, and one of its clinic and specialty, or else of the clinic."""
    sums: dict[tuple[str, str], list[Fraction]] = {}
    for scope, days in oracle.scopes.items():
        if scope[0] == "resource" and scope[6] != NOBODY:
            measured = [measures for day, measures in days.items() if first <= day <= last]
            sums[str(scope[3]), str(scope[6])] = [
                Fraction(sum(Fraction(measures[name]) for measures in measured))
                for name in ("slotted_revenue_amount", "sold_seconds")
            ]

    def value(keys: list[tuple[str, str]]) -> Decimal | None:
        revenue, seconds = (sum((sums[key][n] for key in keys), Fraction(0)) for n in (0, 1))
        return half_away(revenue * 3600 / seconds, 2) if seconds else None

    own = {key: value([key]) for key in sums}
    usual: Values = {}
    for clinic, resource in sums:
        in_clinic = [key for key in sums if key[0] == clinic]
        alike = [key for key in in_clinic if specialties.get(key[1]) == specialties.get(resource)]
        of_specialty = value(alike)
        usual[clinic, resource] = value(in_clinic) if of_specialty is None else of_specialty
    return own, usual


def slot_mix(oracle: Utilisation, clinics: set[str], first: date, last: date) -> dict[tuple[str, str], Figures]:
    """(Drill-down, part) → what is measured of the slots of some clinics."""
    lines: dict[str, list[Row]] = defaultdict(list)
    for line in oracle.lines:
        if oracle.slot_of(line):
            lines[line["appointment_id"]].append(line)
    slots = [
        part for part in oracle.visits.values()
        if part.row["clinic_id"] in clinics and first <= part.row["local_date"] <= last
    ]  # fmt: skip
    parts: dict[tuple[str, str], list[tuple[str, list[Row]]]] = defaultdict(list)
    for slot in slots:
        own = lines[slot.row["appointment_id"]]
        name = str(slot.row["appointment_id"])
        parts["total", "all"].append((name, own))
        parts["specialty", oracle.specialty(slot.resource_id, slot.row["local_date"])].append((name, own))
        parts["visit_kind", slot.row["visit_kind"] or NOBODY].append((name, own))
        for stage in {line["service_stage"] for line in own} or {None}:
            of_stage = [line for line in own if line["service_stage"] == stage]
            parts["service_stage", stage or NOBODY].append((name, of_stage))
    mix: dict[tuple[str, str], Figures] = {}
    for key, found in parts.items():
        sold = [line for _, own in found for line in own]
        mix[key] = {
            "slots_sold": len(found),
            "slots_in_all": len(slots),
            "services": sum((line["quantity"] for line in sold), Decimal(0)),
            "list_amount": sum((line["list_amount"] for line in sold), Decimal(0)),
            "discount_amount": sum((line["list_amount"] - line["net_amount"] for line in sold), Decimal(0)),
            "slotted_revenue_amount": sum((line["net_amount"] for line in sold), Decimal(0)),
        }
    return mix


class Equipment:
    def __init__(self, oracle: Utilisation, resources: list[Row], last: date) -> None:
        self.oracle = oracle
        self.prices = {row["resource_id"]: row["purchase_cost_amount"] for row in resources}
        self.last = last
        # (Clinic, unit) → day → lines, visits.
        self.lines: dict[tuple[str, str], dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
        self.uses: dict[tuple[str, str], dict[date, list[Interval]]] = defaultdict(lambda: defaultdict(list))
        self.days: dict[tuple[str, str], set[date]] = defaultdict(set)
        for line in oracle.lines:
            slot = oracle.slot_of(line)
            for unit in {slot.resource_id if slot else None, line["resource_id"]} - {None}:
                self.lines[line["clinic_id"], unit][line["local_date"]].append(line)
            if line["resource_id"] and (visit := oracle.attended_with(line)):
                interval = (visit["starts_at"], visit["ends_at"])
                self.uses[line["clinic_id"], line["resource_id"]][line["local_date"]].append(interval)
        for part in oracle.visits.values():
            self.uses[part.row["clinic_id"], part.resource_id][part.row["local_date"]].append(part.interval)
        for row in oracle.in_service:
            self.days[row["clinic_id"], row["resource_id"]].add(row["local_date"])

    def units(self, first: date, last: date) -> set[tuple[str, str]]:
        """In service or used in a period."""
        known = self.days.keys() | self.lines.keys() | self.uses.keys()
        seen = {
            unit: {*self.days[unit], *self.lines[unit], *(d for d, found in self.uses[unit].items() if length(found))}
            for unit in known
        }
        return {unit for unit, days in seen.items() if any(first <= day <= last for day in days)}

    def figures(self, unit: tuple[str, str], first: date, last: date) -> Figures:
        lines = [line for day, found in self.lines[unit].items() if first <= day <= last for line in found]
        before = [line for day, found in self.lines[unit].items() if day <= last for line in found]
        contributed = half_away(Fraction(net(before)) - self.cost(before), 2)
        days = sum(day <= min(last, self.last) for day in self.days[unit])
        months = half_away(Fraction(days * 12, 365), 4)
        price = self.prices.get(unit[1])
        monthly = half_away(Fraction(contributed) / Fraction(months), 2) if months else None
        payback = left = None
        if price is not None and monthly is not None and monthly > 0:
            payback = Fraction(price) / Fraction(monthly)
            left = max(Fraction(0), Fraction(price - contributed) / Fraction(monthly))
        return {
            "services": len(lines),
            "open_seconds": sum(
                self.oracle.open_seconds(unit[1], day) for day in self.days[unit] if first <= day <= last
            ),
            "sold_seconds": sum(length(found) for day, found in self.uses[unit].items() if first <= day <= last),
            "revenue_amount": net(lines),
            "direct_cost_amount": self.cost(lines),
            "purchase_cost_amount": price,
            "contribution_to_date_amount": contributed,
            "months_in_service": months,
            "payback_months": payback,
            "payback_left_months": left,
        }

    def cost(self, lines: list[Row]) -> Fraction:
        """As recorded, else the norm on the day of the work; a refund takes back the norm of what it refunds."""
        total = Fraction(0)
        for line in lines:
            original = self.oracle.all_lines.get(line["original_line_id"], line)
            if line["direct_cost_amount"] is not None:
                total += Fraction(line["direct_cost_amount"])
            elif original["norm_direct_cost_amount"] is not None:
                total += Fraction(original["norm_direct_cost_amount"]) * Fraction(line["quantity"])
        return total


def net(lines: list[Row]) -> Decimal:
    return sum((line["net_amount"] for line in lines), Decimal(0))
