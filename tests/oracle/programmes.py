"""Programmes and micro-seasons by loops over plain rows. See oracle.plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from oracle.computed import half_away
from oracle.plans import NOBODY, Plans, Row

from models.metrics import load_catalogue

# Kind, source, currency, clinic, resource.
Scope = tuple[str, str, str | None, str | None, str | None]
Figures = dict[str, Any]
HOUR = timedelta(hours=1)
PARAMETERS = load_catalogue().parameters
FILL, PRICE, DISCOUNT, PREMIUM = (
    int(PARAMETERS[name].default)
    for name in ("regime_fill_percent", "regime_price_percent", "corridor_discount_max_pct", "corridor_premium_max_pct")
)


def scopes(row: Row, resource: str | None) -> Iterator[Scope]:
    network = (row["source_id"], row["currency"])
    yield ("network", *network, None, None)
    yield ("clinic", *network, row["clinic_id"], None)
    yield ("resource", *network, row["clinic_id"], resource or NOBODY)


class Programmes:
    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.book = Plans(tables)
        self.resources: dict[str, list[Row]] = defaultdict(list)
        for version in tables["dim_resource_history"]:
            self.resources[version["resource_id"]].append(version)
        # Attended visits on capacity resources.
        self.visits = [row for row in self.book.visits if row["is_attended"] and self._is_capacity(row)]
        self.programme = {row["plan_id"]: row["programme"] for row in tables["fct_plans"]}
        self.openings = tables["fct_openings"]
        self.open_days = {(r["resource_id"], r["local_date"]): r for r in tables["fct_room_hours"] if r["is_capacity"]}

    def _is_capacity(self, row: Row) -> bool:
        for version in self.resources.get(row["resource_id"], []):
            if version["version_from"] <= row["local_date"] <= (version["version_to"] or date.max):
                return bool(version["is_capacity"])
        return False

    def periods(self) -> dict[tuple[Scope, str, str, date], Figures]:
        """Scope, programme, kind of period, its first day → figures."""
        cells: dict[tuple[Scope, str, str, date], Figures] = defaultdict(lambda: defaultdict(Fraction))

        def add(row: Row, resource: str | None, programme: str, figures: Figures) -> None:
            for scope in scopes(row, resource):
                for kind, first in _periods(row["local_date"]):
                    for name, value in figures.items():
                        cells[scope, programme, kind, first][name] += Fraction(value)

        agreed = {p.plan["plan_id"] for p in self.book.positions.values() if p.is_agreed}
        for plan in self.book.plans.values():
            if plan["programme"]:
                figures = {
                    "plans_presented": 1,
                    "plans_sold": plan["plan_id"] in agreed,
                    "presented_amount": plan["presented_amount"],
                }
                add(plan, None, plan["programme"], figures)
        served: dict[str, set[str]] = defaultdict(set)
        for line in self.book.lines:
            programme = self.programme.get(line["plan_id"])
            if programme:
                resource = line["appointment_resource_id"] if line["is_slotted"] else None
                figures = {"revenue_amount": line["net_amount"], "direct_cost_amount": self._cost(line)}
                add(line, resource, programme, figures)
                if not line["is_refund"]:
                    served[line["appointment_id"]].add(programme)
        for visit in self.visits:
            for programme in served[visit["appointment_id"]]:
                seconds = int((visit["ends_at"] - visit["starts_at"]).total_seconds())
                add(visit, visit["resource_id"], programme, {"visits": 1, "resource_seconds": seconds})
        return cells

    def _cost(self, line: Row) -> Decimal:
        """As recorded, else the norm of the day of the work; a refund takes back that of its line."""
        if line["direct_cost_amount"] is not None:
            return Decimal(line["direct_cost_amount"])
        original = self.book.all_lines.get(line["original_line_id"]) or line
        return Decimal(original["norm_direct_cost_amount"] or 0) * Decimal(line["quantity"])

    def corridors(self) -> dict[tuple[str, date, int, int], Figures]:
        """Clinic, month, weekday, hour → figures."""
        seasons = self._micro_seasons()
        months: dict[tuple[str, date], Figures] = defaultdict(lambda: defaultdict(Fraction))
        for (clinic, month, _, _), (_, sold) in seasons.items():
            months[clinic, month]["seconds"] += sold
        for line in self.book.lines:
            if line["is_slotted"]:
                month = line["local_date"].replace(day=1)
                months[line["clinic_id"], month]["revenue"] += Fraction(line["net_amount"])
                months[line["clinic_id"], month]["cost"] += Fraction(self._cost(line))
        found = {}
        for key, (opened, sold) in seasons.items():
            seconds, revenue, cost = (months[key[:2]][name] for name in ("seconds", "revenue", "cost"))
            cost = Fraction(half_away(cost, 2))
            index = _index(opened, sold)
            value = revenue * 3600 / seconds if seconds else None
            floor = cost * 3600 / seconds if seconds else None
            advised = None
            if index is not None and value is not None and floor is not None:
                advised = max(half_away(value * index, 2), half_away(floor, 2))
            found[key] = {
                "open_seconds": opened,
                "sold_seconds": sold,
                "slotted_seconds": seconds,
                "slotted_revenue_amount": revenue,
                "slotted_cost_amount": cost,
                "price_index": index,
                "advised_hour_value": advised,
                "ceiling_hour_value": None if value is None else value * (100 + PREMIUM) / 100,
            }
        return found

    def _micro_seasons(self) -> dict[tuple[str, date, int, int], tuple[int, int]]:
        """Open and sold seconds, hour by hour of each resource."""
        hours: dict[tuple[str, str, datetime], list[tuple[str, datetime, datetime]]] = defaultdict(list)
        for visit in self.visits:
            zone = ZoneInfo(visit["time_zone"])
            start, end = (_wall_clock(visit[name], zone) for name in ("starts_at", "ends_at"))
            for hour in _hours(start, end):
                hours[visit["clinic_id"], visit["resource_id"], hour].append(("visit", start, end))
        for rule in self.openings:
            day = self.open_days.get((rule["resource_id"], rule["local_date"]))
            if day:
                for hour in _hours(rule["starts_at"], rule["ends_at"]):
                    interval = (rule["rule_kind"], rule["starts_at"], rule["ends_at"])
                    hours[day["clinic_id"], day["resource_id"], hour].append(interval)
        seasons: dict[tuple[str, date, int, int], tuple[int, int]] = {}
        for (clinic, _, hour), intervals in hours.items():
            if hour.date() > self.book.last_day[clinic.split(":")[0]]:
                continue
            opened, sold = _seconds(hour, intervals)
            key = (clinic, hour.date().replace(day=1), hour.isoweekday(), hour.hour)
            before = seasons.get(key, (0, 0))
            seasons[key] = (before[0] + opened, before[1] + sold)
        return {key: seconds for key, seconds in seasons.items() if any(seconds)}


def _periods(day: date) -> Iterator[tuple[str, date]]:
    yield "month", day.replace(day=1)
    yield "quarter", date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    yield "year", date(day.year, 1, 1)


def _wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += HOUR


def _seconds(hour: datetime, intervals: list[tuple[str, datetime, datetime]]) -> tuple[int, int]:
    """Seconds of an hour that are open and not out of service, and seconds sold: bit by bit between the stamps."""
    stamps = {hour, hour + HOUR}
    stamps |= {at for _, *ends in intervals for at in ends if hour < at < hour + HOUR}
    opened = sold = 0
    for start, end in pairwise(sorted(stamps)):
        kinds = {kind for kind, since, until in intervals if since <= start and end <= until}
        length = int((end - start).total_seconds())
        opened += length if "open" in kinds and "out_of_service" not in kinds else 0
        sold += length if "visit" in kinds else 0
    return opened, sold


def _index(opened: int, sold: int) -> Fraction | None:
    if not opened:
        return None
    way = (Fraction(100 * sold, opened) - FILL) / (PRICE - FILL)
    share = min(max(way, Fraction(0)), Fraction(1))
    return (100 - DISCOUNT + (DISCOUNT + PREMIUM) * share) / 100
