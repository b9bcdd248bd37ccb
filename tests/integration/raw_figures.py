"""Raw files of others as plain tables, and what is counted in them compared with what is published. No tests."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb
from homes import Home


class Figure(NamedTuple):
    """The same figures twice: by a query of the raw files, and by one of the published marts."""

    what: str
    by_hand: str
    published: str


def tables_of(files: dict[str, Path]) -> duckdb.DuckDBPyConnection:
    """Tables of text, one per CSV file, plain or gzipped."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for name, file in files.items():
        connection.execute(f"create table {name} as select * from read_csv('{file}', all_varchar = true)")
    return connection


def assert_same(raw: duckdb.DuckDBPyConnection, home: Home, figure: Figure) -> None:
    by_hand = raw.execute(figure.by_hand).fetchall()
    assert len(by_hand) > 1, "too few rows to tell anything"
    assert home.published(figure.published) == by_hand
