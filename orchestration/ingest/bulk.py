"""Rows from Python into a DuckDB table in one statement; `executemany` takes a millisecond a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Inserts `rows`, whose values stand in the order of `columns`."""
    if rows:
        values = [list(column) for column in zip(*rows, strict=True)]
        selected = ", ".join(["unnest(?)"] * len(values))
        connection.execute(f"insert into {table} ({', '.join(columns)}) select {selected}", values)
