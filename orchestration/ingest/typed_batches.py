"""Types rows and writes those that fit the contract as Parquet; of the others it keeps what is wrong with them.

Rows are written while they are typed, and nearly all of them fit. What is wrong with the others is asked afterwards,
of the few rows that were not written: a table of all typed rows in between would cost a third of the reading.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from models.contracts import Contract
from models.row_keys import row_key
from orchestration.ingest.mapping.typed_select import TypedSelect
from orchestration.ingest.quoting import parquet_relation, text_literal
from orchestration.ingest.source_rows import PLACE

# The encodings of version 2 leave little to a compression, which would cost more time than it saves bytes.
_PARQUET = "format parquet, parquet_version v2, compression uncompressed"
_DAY, _FILE, _ROW = PLACE.values()


@dataclass
class TypedBatches:
    """The batches of one entity on `days`, written below `folder` until they are moved to where they are kept."""

    connection: duckdb.DuckDBPyConnection
    contract: Contract
    days: Collection[date]
    folder: Path
    # Tables of what is wrong with the other rows: day, file, row, key, and each problem's column, value, rule, reason.
    wrong: list[str] = field(default_factory=list)
    _parts: int = 0

    def add(self, select: TypedSelect, relation: str) -> None:
        """Adds the rows of `relation`; after an error it may be called again with another `select` for the same rows.

        Raises:
            duckdb.Error: an expression of the profile failed.
        """
        if codes := select.pseudonyms_sql(relation):
            self.connection.execute(f"create or replace temp table pseudonyms as {codes}")
        part = self.folder / str(self._parts)
        shutil.rmtree(part, ignore_errors=True)
        typed = select.sql(relation, "pseudonyms")
        fitting = f"select * exclude (_problems) from ({typed}) where len(_problems) = 0"
        written = write_by_day(self.connection, fitting, part, self.days)
        if self._count(relation) > written:
            self._keep_wrong_rows(select, _without(relation, _files(part)))
        self._parts += 1

    def fitting(self) -> str | None:
        """Relation of all rows that fit; None if no row does."""
        files = _files(self.folder)
        return parquet_relation(files) if files else None

    def move_to(self, folder: Path) -> None:
        """Puts the Parquet files where batches are kept."""
        for file in _files(self.folder):
            part, day = file.parent.parent.name, file.parent.name
            (folder / day).mkdir(parents=True, exist_ok=True)
            file.replace(folder / day / f"{part}_{file.name}")
        shutil.rmtree(self.folder)

    def _count(self, relation: str) -> int:
        row = self.connection.execute(f"select count(*) from {relation} as rows").fetchone()
        return int(row[0]) if row else 0

    def _keep_wrong_rows(self, select: TypedSelect, others: str) -> None:
        table = f"wrong_{self._parts}"
        self.connection.execute(
            f"""
            create or replace temp table {table} as
            select _export_date, _file, _row, _key,
                problem.column_name, problem.value, problem.rule, problem.reason
            from (
                select _export_date, _file, _row, {row_key(self.contract)} as _key, unnest(_problems) as problem
                from ({select.sql(others, "pseudonyms")}) where len(_problems) > 0
            )
            """
        )
        self.wrong.append(table)


def write_by_day(connection: duckdb.DuckDBPyConnection, query: str, folder: Path, days: Collection[date]) -> int:
    """Writes the rows of `query`, all of `days`, as `_export_date=<day>/*.parquet`; a day without rows has no file.

    Returns how many rows there are.
    """
    target, options = folder, "partition_by (_export_date), write_partition_columns true, overwrite_or_ignore true"
    if len(days) == 1:
        # Sorting rows into days costs as much as writing them.
        (day,) = days
        target, options = folder / f"_export_date={day}" / "data_0.parquet", ""
    target.parent.mkdir(parents=True, exist_ok=True)
    row = connection.execute(
        f"copy ({query}) to {text_literal(str(target))} ({', '.join(filter(None, [_PARQUET, options]))})"
    ).fetchone()
    written = int(row[0]) if row else 0
    if not written and target.is_file():
        shutil.rmtree(target.parent)
    return written


def _without(relation: str, files: list[Path]) -> str:
    """`relation` without the rows that stand in `files`."""
    if not files:
        return relation
    return f"""(
        select rows.* from {relation} as rows
        anti join {parquet_relation(files)} as fitting
            on rows.{_DAY} = fitting._export_date and rows.{_FILE} = fitting._file and rows.{_ROW} = fitting._row
    )"""


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))
