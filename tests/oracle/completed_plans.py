"""Which treatment plans have been completed, as far as is known now. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oracle.known_plans import part_of

if TYPE_CHECKING:
    from oracle.facts import Facts

Row = dict[str, Any]


class CompletedPlans:
    def __init__(self, facts: Facts) -> None:
        self._last_version = {
            row["plan_id"]: row["plan_version"]
            for row in sorted(facts.plan_versions, key=lambda row: int(row["plan_version"]))
            if row["presented_at"]
        }
        self._items: dict[str, list[Row]] = defaultdict(list)
        for item in facts.plan_items:
            self._items[item["plan_id"]].append(item)
        item_of = {item["plan_item_id"]: item for item in facts.plan_items}
        self._done: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in facts.lines:
            if item := item_of.get(line["plan_item_id"]):
                self._done[item["plan_id"], part_of(item)] += line["quantity"]

    def has(self, plan_id: str) -> bool:
        """Whether all that the last version presented requires has been performed."""
        wanted: dict[str, Decimal] = defaultdict(Decimal)
        for item in self._items[plan_id]:
            is_last = item["plan_version"] == self._last_version.get(plan_id)
            if is_last and item["is_required"] is not False and self._is_choice(item):
                wanted[part_of(item)] += item["quantity"]
        return bool(wanted) and all(self._done[plan_id, part] >= quantity for part, quantity in wanted.items())

    def _is_choice(self, item: Row) -> bool:
        """Of alternatives the first that is not declined."""
        if item["alternative_group"] is None:
            return True
        rivals = [
            other for other in self._items[item["plan_id"]]
            if (other["plan_version"], other["alternative_group"]) == (item["plan_version"], item["alternative_group"])
        ]  # fmt: skip
        return item is min(rivals, key=_order)


def _order(item: Row) -> tuple[bool, bool, int, str]:
    position = item["item_position"]
    return item["declined_at"] is not None, position is None, position or 0, item["plan_item_id"]
