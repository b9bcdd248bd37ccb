"""What the published marts say of a scope in a period: the figures that a tree is made of. Opens the file read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from models.trees import KOPECKS, Tree
from orchestration.bridging.periods import Period
from orchestration.publish.snapshot import MARTS_FILE

# A tree's column → its whole number; NULL in the mart is None.
Figures = dict[str, int | None]
_SHOWN_CHOICES = 8


class NotPublishedError(ValueError):
    """The published marts cannot answer: there are none, or no such scope or period is in them."""


@dataclass(frozen=True)
class Scope:
    scope_id: str
    kind: str
    currency: str


@contextmanager
def published_marts(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Raises NotPublishedError if nothing has been published."""
    file = published / MARTS_FILE
    if not file.exists():
        raise NotPublishedError("nothing has been published yet: `triune run` comes first")
    connection = duckdb.connect(str(file), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def find_scope(connection: duckdb.DuckDBPyConnection, tree: Tree, wanted: str | None, clinic: str | None) -> Scope:
    """The scope of that id, or of that clinic, or else the network.

    Raises:
        NotPublishedError: with those that there are.
    """
    condition, value = "scope_kind = ?", "network"
    if wanted:
        condition, value = "scope_id = ?", wanted
    elif clinic:
        # A clinic is known by its own id where no other source has one of that name.
        condition, value = (
            "scope_kind = 'clinic' and ? in (clinic_id, substr(clinic_id, length(source_id) + 2))",
            clinic,
        )
    found = _scopes(connection, tree, condition, [value])
    if len(found) == 1:
        return found[0]
    kind = "clinic" if clinic else "network"
    choices = found or _scopes(connection, tree, "? is not null or scope_kind = ?", [wanted, kind])
    ids = [scope.scope_id for scope in choices]
    more = f" … and {len(ids) - _SHOWN_CHOICES} more" if len(ids) > _SHOWN_CHOICES else ""
    what = f"there are {len(found)} of them" if found else f"{tree.mart} has no scope '{wanted or clinic or 'network'}'"
    raise NotPublishedError(f"{what}; choose by --scope: {', '.join(ids[:_SHOWN_CHOICES])}{more}")


def read_figures(connection: duckdb.DuckDBPyConnection, tree: Tree, scope: Scope, period: Period) -> Figures:
    """Raises NotPublishedError with the periods that there are."""
    names = tree.figures
    rows = connection.execute(
        f"select {', '.join(names)} from {tree.mart} where scope_id = ? and period_kind = ? and period_start = ?",
        [scope.scope_id, period.kind, period.start],
    ).fetchall()
    if not rows:
        first, last = connection.execute(
            f"select min(period_start), max(period_start) from {tree.mart} where scope_id = ? and period_kind = ?",
            [scope.scope_id, period.kind],
        ).fetchall()[0]
        there = f": {Period(period.kind, first)} to {Period(period.kind, last)}" if first else ""
        raise NotPublishedError(f"{scope.scope_id} has no {period.kind} {period} in {tree.mart}{there}")
    return {name: _whole(value) for name, value in zip(names, rows[0], strict=True)}


def _scopes(connection: duckdb.DuckDBPyConnection, tree: Tree, condition: str, values: list[Any]) -> list[Scope]:
    if not connection.execute("select 1 from duckdb_tables() where table_name = ?", [tree.mart]).fetchall():
        raise NotPublishedError(f"{tree.mart} has not been published yet: `triune run` comes first")
    rows = connection.execute(
        f"select distinct scope_id, scope_kind, coalesce(currency, '') from {tree.mart} where {condition} order by all",
        values,
    ).fetchall()
    return [Scope(*row) for row in rows]


def _whole(value: int | Decimal | None) -> int | None:
    """Money in kopecks; counts as they are."""
    return int(value * KOPECKS) if isinstance(value, Decimal) else value
