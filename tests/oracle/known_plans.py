"""What was open of treatment plans at the end of a day, as far as was known then. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from oracle.calendar import months_later
from oracle.computed import half_away

if TYPE_CHECKING:
    from oracle.facts import Facts

Row = dict[str, Any]


class KnownPlans:
    def __init__(self, facts: Facts, dormancy_months: int) -> None:
        self._facts = facts
        self._dormancy_months = dormancy_months
        self._versions = _by_plan(
            [facts.with_consultation(row) for row in versions]
            for versions in facts.exports.versions("treatment_plans", "plan_id", "plan_version")
        )
        self._items = _by_plan(facts.exports.versions("plan_items", "plan_item_id"))
        # What a line was done for is told by its item as it is now.
        item_now = {
            versions[-1]["plan_item_id"]: versions[-1] for things in self._items.values() for versions in things
        }
        self._lines: dict[str, list[list[Row]]] = defaultdict(list)
        for versions in facts.exports.versions("service_lines", "service_line_id"):
            if item := item_now.get(versions[-1]["plan_item_id"]):
                self._lines[item["plan_id"]].append(
                    [{**row, "plan_id": item["plan_id"], "part": part_of(item)} for row in versions]
                )
        self.open_at = cache(self._open_at)

    def _open_at(self, day: date) -> list[tuple[Row, Decimal]]:
        """The plans of which something was still to be done, each with the value of that."""
        found = []
        for plan_id in self._versions:
            plan = self._plan_at(plan_id, day)
            value = self._left(plan, day) if plan else None
            if plan and value is not None:
                found.append((plan, value))
        return found

    def _plan_at(self, plan_id: str, day: date) -> Row | None:
        """The plan as its first version has it, with the version in force, if it was open."""
        facts = self._facts
        versions = facts.exports.known("treatment_plans", self._versions[plan_id], day)
        versions = sorted(versions, key=lambda row: int(row["plan_version"]))
        if not versions:
            return None
        presented = [(facts.local_day(row["presented_at"], row["clinic_id"]), row["plan_version"]) for row in versions]
        presented_on = presented[0][0]
        if presented_on is None or presented_on > day:
            return None
        closed_on = facts.local_day(versions[-1]["closed_at"], versions[-1]["clinic_id"])
        # Closed on a day that nobody knows: no later than it was told.
        if versions[-1]["status"] in ("completed", "abandoned") and closed_on is None:
            closed_on = day
        worked_on = [
            line["local_date"] for line in self._done(plan_id, day)
            if line["original_line_id"] is None and line["quantity"] >= 0
        ]  # fmt: skip
        asleep_on = months_later(max([presented_on, *worked_on]), self._dormancy_months)
        if (closed_on and closed_on <= day) or asleep_on <= day:
            return None
        in_force = max(version for on, version in presented if on and on <= day)
        return facts.place({**versions[0], "in_force": in_force}, presented_on)

    def _left(self, plan: Row, day: date) -> Decimal | None:
        done: dict[str, Decimal] = defaultdict(Decimal)
        for line in self._done(plan["plan_id"], day):
            done[line["part"]] += line["quantity"]
        planned: dict[str, tuple[Decimal, Decimal]] = {}
        for item in self._asked(plan, day):
            quantity, amount = planned.get(part_of(item), (Decimal(0), Decimal(0)))
            planned[part_of(item)] = (quantity + item["quantity"], amount + item["item_amount"])
        left = [
            half_away(Fraction(amount) * Fraction(quantity - max(done[part], Decimal(0))) / Fraction(quantity), 2)
            for part, (quantity, amount) in planned.items() if quantity > done[part]
        ]  # fmt: skip
        return sum(left, Decimal(0)) if left else None

    def _asked(self, plan: Row, day: date) -> Iterable[Row]:
        """Items of the version in force that were not declined; of alternatives the first."""
        chosen: dict[str, Row] = {}
        for item in self._facts.exports.known("plan_items", self._items[plan["plan_id"]], day):
            declined_on = self._facts.local_day(item["declined_at"], plan["clinic_id"])
            if item["plan_version"] == plan["in_force"] and not (declined_on and declined_on <= day):
                rivals = item["alternative_group"] or item["plan_item_id"]
                chosen[rivals] = min(chosen.get(rivals, item), item, key=_order)
        return chosen.values()

    def _done(self, plan_id: str, day: date) -> list[Row]:
        """Lines known to be performed by then. What is taken back counts against what was done."""
        lines = [
            {**line, "local_date": self._facts.local_day(line["performed_at"], line["clinic_id"])}
            for line in self._facts.exports.known("service_lines", self._lines[plan_id], day)
            if line["status"] == "performed" and line["plan_item_id"]
        ]  # fmt: skip
        return [line for line in lines if line["local_date"] <= day]


def part_of(item: Row) -> str:
    """A group of alternatives, or else a service: in a new version of the plan its items have new ids."""
    group = item["alternative_group"]
    return f"group {group}" if group is not None else f"service {item['service_id']}"


def _order(item: Row) -> tuple[bool, int, str]:
    position = item.get("position")
    return position is None, position or 0, item["plan_item_id"]


def _by_plan(things: Iterable[list[Row]]) -> dict[str, list[list[Row]]]:
    found: dict[str, list[list[Row]]] = defaultdict(list)
    for versions in things:
        found[versions[-1]["plan_id"]].append(versions)
    return found
