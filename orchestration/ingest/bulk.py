"""Rows from Python into a DuckDB table in one statement; `executemany` takes a millisecond a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Inserts `rows`, whose values stand in the table's order of columns."""
    if rows:
        columns = [list(values) for values in zip(*rows, strict=True)]
        connection.execute(f"insert into {table} select {', '.join(['unnest(?)'] * len(columns))}", columns)
