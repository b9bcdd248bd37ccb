"""Reads the quarantine: what is in it and why, as groups, rows or a file; and which days to read again."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ingest.quoting import text_literal

_COLUMNS = ("_source", "entity", "_export_date", "_file", "_row", "stage", "column_name", "value", "rule", "reason")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = "^[=+@\\t\\r\\n-]"


@dataclass(frozen=True)
class Selection:
    """Which rows of the quarantine; None is all."""

    source: str | None = None
    entity: str | None = None
    rule: str | None = None

    @property
    def condition(self) -> str:
        """SQL condition; parameters are `parameters`."""
        wanted = {"_source": self.source, "entity": self.entity, "rule": self.rule}
        return " and ".join(f"{column} = ${column}" for column, value in wanted.items() if value) or "true"

    @property
    def parameters(self) -> dict[str, str]:
        wanted = {"_source": self.source, "entity": self.entity, "rule": self.rule}
        return {column: value for column, value in wanted.items() if value}


@dataclass(frozen=True)
class Reason:
    """Rows of one entity that break one rule in one column; `file` and `row` are where the first one stands."""

    source: str
    entity: str
    rule: str
    column: str | None
    rows: int
    days: int
    first_day: date
    last_day: date
    file: str
    row: int


@dataclass(frozen=True)
class QuarantinedRow:
    """One broken rule of one row. `value` is hidden where it is personal."""

    source: str
    entity: str
    day: date
    file: str
    row: int
    column: str | None
    value: str | None
    rule: str
    reason: str


def reasons(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[Reason]:
    """Why rows are in quarantine, by source; the commonest first."""
    return [
        Reason(*row)
        for row in connection.execute(
            f"""
            select _source, entity, rule, column_name, count(distinct (_file, _row)) as affected,
                count(distinct _export_date), min(_export_date), max(_export_date),
                arg_min(_file, (_export_date, _file, _row)), arg_min(_row, (_export_date, _file, _row))
            from ops.quarantine where {selection.condition}
            group by _source, entity, rule, column_name
            order by _source, affected desc, entity, rule, column_name
            """,
            selection.parameters,
        ).fetchall()
    ]


def rows(connection: duckdb.DuckDBPyConnection, selection: Selection, limit: int) -> list[QuarantinedRow]:
    """The first rows, in the order of the exports."""
    return [
        QuarantinedRow(*row)
        for row in connection.execute(
            f"""
            select _source, entity, _export_date, _file, _row, column_name, value, rule, reason
            from ops.quarantine where {selection.condition}
            order by _source, _export_date, _file, _row, rule, column_name limit {limit}
            """,
            selection.parameters,
        ).fetchall()
    ]


def count_rows(connection: duckdb.DuckDBPyConnection, selection: Selection) -> int:
    """Rows, however many rules each breaks."""
    row = connection.execute(
        "select count(*) from (select distinct _source, entity, _export_date, _file, _row from ops.quarantine "
        f"where {selection.condition})",
        selection.parameters,
    ).fetchone()
    return int(row[0]) if row else 0


def days_to_retry(connection: duckdb.DuckDBPyConnection, selection: Selection) -> dict[str, list[date]]:
    """Source → export days that have quarantined rows, oldest first."""
    found: dict[str, list[date]] = {}
    query = f"select distinct _source, _export_date from ops.quarantine where {selection.condition} order by all"
    for source, day in connection.execute(query, selection.parameters).fetchall():
        found.setdefault(source, []).append(day)
    return found


def export_rows(connection: duckdb.DuckDBPyConnection, selection: Selection, target: Path) -> None:
    """Writes the rows to `target`, which its owner alone may read: Parquet by its suffix, else CSV for spreadsheets."""
    is_parquet = target.suffix == ".parquet"
    columns = ", ".join(_COLUMNS if is_parquet else map(_harmless, _COLUMNS))
    query = (
        f"select {columns} from ops.quarantine where {selection.condition} "
        "order by _source, _export_date, _file, _row, rule"
    )
    with tempfile.TemporaryDirectory(prefix="triune-export-") as scratch:
        made = Path(scratch) / "rows"
        options = "format parquet" if is_parquet else "format csv, header"
        connection.execute(f"copy ({query}) to {text_literal(str(made))} ({options})", selection.parameters)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out, made.open("rb") as source:
            # Without the mark, Excel takes UTF-8 for the encoding of the machine.
            out.write(b"" if is_parquet else b"\xef\xbb\xbf")
            shutil.copyfileobj(source, out)


def as_plain(found: Reason | QuarantinedRow) -> dict[str, Any]:
    """For JSON."""
    return {name: str(value) if isinstance(value, date) else value for name, value in vars(found).items()}


def _harmless(column: str) -> str:
    """The column as a spreadsheet shows it: no cell of it is a formula."""
    text = f"cast({column} as varchar)"
    return f"case when regexp_matches({text}, '{_FORMULA}') then '''' || {text} else {text} end as {column}"
