"""What exports had told of a thing on a day, asked of the raw rows themselves: see macros/known.sql for the rule."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any

Row = dict[str, Any]
_RENAMED = {
    "appointment_id": "appointments",
    "employee_id": "employees",
    "patient_id": "patients",
    "service_id": "services",
}


class Exports:
    """Raw versions with qualified ids, of sources that take nothing back."""

    def __init__(self, read: Callable[[str], list[Row]]) -> None:
        self._read = read
        self._days: dict[str, list[date]] = defaultdict(list)
        for row in sorted(read("ops.export_days"), key=lambda row: row["export_date"]):
            self._days[row["_source"]].append(row["export_date"])
        self._survivors = {
            (row["entity"], f"{row['_source']}:{row['old_id']}"): f"{row['_source']}:{row['surviving_id']}"
            for row in read("ops.surviving_ids")
        }
        self._first_days = cache(self._find_first_days)

    def versions(self, entity: str, *key: str) -> list[list[Row]]:
        """The versions of each key by export day; of several in one export the last row counts."""
        found: dict[tuple[Any, ...], dict[date, Row]] = defaultdict(dict)
        for row in sorted(self._read(f"raw.{entity}"), key=lambda row: row["_row"]):
            whole = {name: self._qualified(row["_source"], name, value) for name, value in row.items()}
            found[tuple(whole[name] for name in key)][row["_export_date"]] = whole
        return [[days[day] for day in sorted(days)] for days in found.values()]

    def known(self, entity: str, things: Iterable[list[Row]], day: date) -> list[Row]:
        """Of each thing what exports had told of it; before the entity's first export, what is known now."""
        found = (
            versions[-1]
            if day < self._first_days(entity)[versions[0]["_source"]]
            else next(reversed(self._told(versions, day)), None)
            for versions in things
        )
        return [row for row in found if row is not None]

    def known_at_once(self, things: Iterable[list[Row]], day: date) -> list[Row]:
        """The same of things that the MIS stamped itself: their first version holds also before it was exported."""
        return [next(reversed(self._told(versions, day)), versions[0]) for versions in things]

    def _told(self, versions: list[Row], day: date) -> list[Row]:
        """Those in the first export on the day or after it, or in an earlier one."""
        days = self._days[versions[0]["_source"]]
        told_on = days[min(bisect_left(days, day), len(days) - 1)]
        return [version for version in versions if version["_export_date"] <= told_on]

    def _find_first_days(self, entity: str) -> dict[str, date]:
        days: dict[str, date] = {}
        for row in self._read(f"raw.{entity}"):
            days[row["_source"]] = min(row["_export_date"], days.get(row["_source"], date.max))
        return days

    def _qualified(self, source: str, name: str, value: Any) -> Any:
        if value is None or not name.endswith("_id") or name.startswith("_"):
            return value
        full = f"{source}:{value}"
        return self._survivors.get((_RENAMED.get(name, ""), full), full)
