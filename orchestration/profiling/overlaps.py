"""Finds which columns hold values of which keys: a column of doctors holds values of the key of the employees' file."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from orchestration.profiling.evidence import Evidence
from orchestration.profiling.shapes import Kind
from orchestration.profiling.tables import Table

Place = tuple[int, int]  # table, column
_MOST_VALUES = 50_000
_LONGEST_ID = 60
# Fewer values than these meet by chance.
_FEWEST = 2


@dataclass(frozen=True)
class Overlaps:
    """Share of a column's distinct values that are values of a key, by column and key."""

    shares: dict[tuple[Place, Place], float]

    def share(self, column: Place, key: Place | None) -> float | None:
        """None if the two were not compared: one of them is no id."""
        return None if key is None else self.shares.get((column, key))


def find_overlaps(
    connection: duckdb.DuckDBPyConnection, tables: list[Table], evidence: list[tuple[Evidence, ...]]
) -> Overlaps:
    """Compares every column that may hold ids with every column that may be a key."""
    connection.execute("create temp table id_values (t integer, c integer, v varchar)")
    keys: set[Place] = set()
    counts: dict[Place, int] = {}
    for t, (table, of_table) in enumerate(zip(tables, evidence, strict=True)):
        for c, column in enumerate(of_table):
            if not _may_be_id(column):
                continue
            counts[t, c] = min(column.distinct, _MOST_VALUES)
            connection.execute(
                f"insert into id_values select {t}, {c}, v from (select distinct c{c} as v from {table.relation} "
                f"where c{c} is not null order by v limit {_MOST_VALUES})"
            )
            if column.is_key_like:
                keys.add((t, c))
    rows = connection.execute(
        """
        select a.t, a.c, b.t, b.c, count(*) from id_values as a join id_values as b using (v)
        where (a.t, a.c) <> (b.t, b.c) group by all
        """
    ).fetchall()
    found = {((ta, ca), (tb, cb)): count / counts[ta, ca] for ta, ca, tb, cb, count in rows if (tb, cb) in keys}
    connection.execute("drop table id_values")
    return Overlaps(
        {(column, key): found.get((column, key), 0.0) for column in counts for key in keys if column != key}
    )


def _may_be_id(column: Evidence) -> bool:
    is_moment = column.share(Kind.DATE, Kind.TIMESTAMP, Kind.TIME) > 0.5
    return (
        column.distinct >= _FEWEST
        and column.longest <= _LONGEST_ID
        and not is_moment
        and column.share(Kind.DECIMAL) < 0.5
        and column.personal is None
    )
