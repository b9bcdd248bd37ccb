"""How far treatment plans have come, by loops over plain rows: what each figure means, worked out once more.

Written from the words of the catalogue and of DOMAIN, not from the SQL. It knows nothing of what a source delivers:
it is for sources that deliver all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracle.calendar import months_later
from oracle.computed import half_away

Row = dict[str, Any]
NOBODY = "(none)"


@dataclass
class Position:
    """What one item of a plan stands for, through all its versions and alternatives."""

    plan: Row
    items: list[Row] = field(default_factory=list)
    presented: Row | None = None  # counts in the presented value
    current: Row | None = None  # what the version in force asks for
    # Line by line: local date and units.
    works: list[tuple[date, Decimal]] = field(default_factory=list)
    net: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    is_booked: bool = False

    @property
    def value(self) -> Decimal:
        return self.presented["item_amount"] if self.presented else Decimal(0)

    @property
    def done_units(self) -> Decimal:
        return max(sum((units for _, units in self.works), Decimal(0)), Decimal(0))

    def done_before(self, day: date) -> Decimal:
        return self._worth(max(sum((units for on, units in self.works if on < day), Decimal(0)), Decimal(0)))

    @property
    def done(self) -> Decimal:
        return self._worth(self.done_units)

    def _worth(self, units: Decimal) -> Decimal:
        if not self.presented or not self.presented["quantity"]:
            return Decimal(0)
        share = Fraction(min(units, self.presented["quantity"])) / Fraction(self.presented["quantity"])
        return half_away(Fraction(self.value) * share, 2)

    @property
    def collected(self) -> Decimal:
        if self.net <= 0:
            return self.done
        paid = min(max(self.paid, Decimal(0)), self.net)
        return half_away(Fraction(self.done) * Fraction(paid) / Fraction(self.net), 2)

    @property
    def has_come_to_a_visit(self) -> bool:
        return self.is_booked or self.done_units > 0

    @property
    def is_agreed(self) -> bool:
        return self.has_come_to_a_visit or any(item["is_accepted"] for item in self.items)

    @property
    def is_done(self) -> bool:
        return bool(self.presented) and 0 < self.done_units >= self.presented["quantity"]  # type: ignore[index]

    @property
    def may_be_done(self) -> bool:
        item = self.current
        return bool(self.plan["is_open"] and item and (item["is_accepted"] or item["declined_on"] is None))

    @property
    def active(self) -> Decimal:
        return self.value - self.done if self.may_be_done else Decimal(0)

    @property
    def open_units(self) -> Decimal:
        return max(self.current["quantity"] - self.done_units, Decimal(0)) if self.current else Decimal(0)

    def open(self, column: str) -> Decimal:
        """The open share of the value or of the cost of the version in force."""
        if not self.current or not self.current["quantity"]:
            return Decimal(0)
        share = Fraction(self.open_units) / Fraction(self.current["quantity"])
        return half_away(Fraction(self.current[column] or 0) * share, 2)


class Plans:
    """Presented plans with their positions, until the last export."""

    def __init__(self, tables: dict[str, list[Row]], dormancy_months: int = 6) -> None:
        self.last_day: dict[str, date] = {}
        for export in tables["export_days"]:
            known = self.last_day.get(export["_source"], date.min)
            self.last_day[export["_source"]] = max(known, export["export_date"])
        self.employees: dict[str, list[Row]] = defaultdict(list)
        for version in tables["dim_employee_history"]:
            self.employees[version["employee_id"]].append(version)
        self.all_lines = {row["service_line_id"]: row for row in tables["fct_service_lines"]}
        self.lines = [
            row | {"specialty": self.specialty(row)} for row in self.all_lines.values() if row["is_performed"]
        ]
        self.visits = [row | {"specialty": self.specialty(row)} for row in tables["fct_appointments"]]
        self.invoices = {row["invoice_id"]: row for row in tables["fct_invoices"]}
        self.allocated: dict[str, Decimal] = defaultdict(Decimal)
        for allocation in tables["fct_payment_allocations"]:
            if allocation["is_settled"]:
                self.allocated[allocation["invoice_id"]] += allocation["allocated_amount"]
        self.lines_of_plan: dict[str, list[Row]] = defaultdict(list)
        for line in self.lines:
            self.lines_of_plan[line["plan_id"]].append(line)
        self.plans = {
            row["plan_id"]: row
            | {
                "specialty": self.specialty(row),
                "closed_on": _closed_on(row),
                "is_open": self._is_open(row, dormancy_months),
            }
            for row in tables["fct_plans"]
            if row["local_date"]
        }
        self.positions: dict[tuple[Any, ...], Position] = {}
        self.position_of_item: dict[str, Position] = {}
        self._place(tables["fct_plan_items"])
        self._work()

    def specialty(self, row: Row) -> str | None:
        for version in self.employees.get(row["employee_id"], []):
            last = version["version_to"] or date.max
            if row["local_date"] and version["version_from"] <= row["local_date"] <= last:
                return str(version["specialty"]) if version["specialty"] else None
        return None

    def _is_open(self, plan: Row, dormancy_months: int) -> bool:
        today = self.last_day[plan["source_id"]]
        closed = _closed_on(plan)
        if closed:
            if closed <= today:
                return False
        elif plan["plan_status"] in ("completed", "abandoned"):
            return False
        worked = [line["local_date"] for line in self.lines_of_plan[plan["plan_id"]] if not line["is_refund"]]
        return months_later(max([plan["local_date"], *worked]), dormancy_months) > today

    def _place(self, items: list[Row]) -> None:
        """The k-th item of a service is the same in every version; the alternatives of a group are one."""
        seen: dict[tuple[Any, ...], int] = defaultdict(int)
        for item in sorted(items, key=_in_plan_order):
            if item["plan_id"] not in self.plans:
                continue
            if item["alternative_group"] is not None:
                key: tuple[Any, ...] = (item["plan_id"], "group", item["alternative_group"])
            else:
                version = (item["plan_id"], item["plan_version"], item["service_id"])
                seen[version] += 1
                key = (item["plan_id"], "service", item["service_id"], seen[version])
            position = self.positions.setdefault(key, Position(self.plans[item["plan_id"]]))
            position.items.append(item)
            self.position_of_item[item["plan_item_id"]] = position
            if item["is_in_presented_value"]:
                position.presented = item
        for position in self.positions.values():
            in_force = [i for i in position.items if i["version_presented_on"] and not i["version_replaced_on"]]
            agreed = [item for item in in_force if item["is_accepted"]]
            undeclined = [item for item in in_force if item["declined_on"] is None]
            position.current = next(iter(agreed or undeclined or in_force), None)

    def _work(self) -> None:
        for visit in self.visits:
            if visit["plan_item_id"] in self.position_of_item:
                self.position_of_item[visit["plan_item_id"]].is_booked = True
        for line in self.lines:
            position = self.position_of_item.get(line["plan_item_id"])
            if position:
                position.works.append((line["local_date"], line["quantity"]))
                position.net += line["net_amount"]
                position.paid += self._paid(line)

    def _paid(self, line: Row) -> Decimal:
        """What is paid of a line: as much as of its invoice; of a refund, as of the line that it takes back."""
        original = self.all_lines.get(line["original_line_id"])
        invoice_id = (original and original["invoice_id"]) or line["invoice_id"]
        invoice = self.invoices.get(invoice_id)
        net: Decimal = line["net_amount"]
        if invoice is None:
            return Decimal(0)
        if invoice["invoice_amount"] <= 0:
            return net
        paid = min(max(self.allocated[invoice["invoice_id"]], Decimal(0)), invoice["invoice_amount"])
        return half_away(Fraction(net) * Fraction(paid) / Fraction(invoice["invoice_amount"]), 2)


def _closed_on(plan: Row) -> date | None:
    if plan["closed_at"] is None:
        return None
    moment = plan["closed_at"].replace(tzinfo=ZoneInfo("UTC"))
    local: datetime = moment.astimezone(ZoneInfo(plan["time_zone"]))
    return local.date()


def _in_plan_order(item: Row) -> tuple[Any, ...]:
    position = item["item_position"]
    return (item["plan_id"], item["plan_version"], position is None, position or 0, item["plan_item_id"])
