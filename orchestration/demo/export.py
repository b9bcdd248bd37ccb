"""Writes the demo's tables as a Russian MIS exports them: cp1251 CSV and workbooks, a folder per day. Makes no data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import xlsxwriter

from orchestration.demo.dirt import PlantedDirt

ENCODING = "cp1251"
LINE_END = "\r\n"
ROWS_AT_ONCE = 100_000
# Columns of the file_ views that place a row and are not written.
PLACING = ("seen_on", "known_on", "sort_at", "sort_no")
# The creation time inside a workbook; the clock of the machine would make every file different.
WORKBOOK_CREATED = dt.datetime(2026, 1, 1)


class Rhythm(StrEnum):
    """When the file of an entity is written."""

    CHANGES = "on days with new or changed rows"
    EVERY_DAY = "every day, with a header alone if nothing changed"
    DAILY_SNAPSHOT = "a full snapshot every day"
    WEEKLY_SNAPSHOT = "a full snapshot on the first day and on Mondays"
    MONTHLY_SNAPSHOT = "a full snapshot on the first day and on the first of each month"


@dataclass(frozen=True)
class ExportFile:
    """One entity's file."""

    entity: str
    rhythm: Rhythm
    is_workbook: bool = False

    @property
    def name(self) -> str:
        return f"{self.entity}.{'xlsx' if self.is_workbook else 'csv'}"

    @property
    def is_snapshot(self) -> bool:
        return self.rhythm not in (Rhythm.CHANGES, Rhythm.EVERY_DAY)


@dataclass(frozen=True)
class Piece:
    """Rows of one day's file, and how to write them to it."""

    day: dt.date
    rows: int
    write: Callable[[Path], None]


FILES = (
    # First, because they are slow to write: it is done while the queries of the others run.
    ExportFile("marketing_spend", Rhythm.CHANGES, is_workbook=True),
    ExportFile("expenses", Rhythm.CHANGES, is_workbook=True),
    ExportFile("employee_scores", Rhythm.CHANGES, is_workbook=True),
    ExportFile("balances", Rhythm.CHANGES, is_workbook=True),
    ExportFile("clinics", Rhythm.DAILY_SNAPSHOT),
    ExportFile("resources", Rhythm.DAILY_SNAPSHOT),
    ExportFile("employees", Rhythm.DAILY_SNAPSHOT),
    ExportFile("resource_hours", Rhythm.WEEKLY_SNAPSHOT),
    ExportFile("services", Rhythm.WEEKLY_SNAPSHOT),
    ExportFile("prices", Rhythm.MONTHLY_SNAPSHOT),
    ExportFile("patients", Rhythm.CHANGES),
    ExportFile("leads", Rhythm.CHANGES),
    ExportFile("appointments", Rhythm.EVERY_DAY),
    ExportFile("service_lines", Rhythm.EVERY_DAY),
    ExportFile("line_performers", Rhythm.CHANGES),
    ExportFile("invoices", Rhythm.CHANGES),
    ExportFile("payments", Rhythm.EVERY_DAY),
    ExportFile("payment_allocations", Rhythm.CHANGES),
    ExportFile("treatment_plans", Rhythm.CHANGES),
    ExportFile("plan_items", Rhythm.CHANGES),
    ExportFile("referrals", Rhythm.CHANGES),
    ExportFile("shifts", Rhythm.CHANGES),
    ExportFile("slots", Rhythm.CHANGES),
    ExportFile("timesheets", Rhythm.CHANGES),
    ExportFile("stays", Rhythm.CHANGES),
    ExportFile("stay_charges", Rhythm.CHANGES),
)


def plan_snapshots(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `snapshot_days`: on which days each full snapshot is written."""
    rules = {
        Rhythm.DAILY_SNAPSHOT: "true",
        Rhythm.WEEKLY_SNAPSHOT: "weekday = 1 OR day = first_day()",
        Rhythm.MONTHLY_SNAPSHOT: "day(day) = 1 OR day = first_day()",
    }
    connection.execute("CREATE TABLE snapshot_days (entity VARCHAR, day DATE)")
    for file in FILES:
        if file.is_snapshot:
            connection.execute(
                "INSERT INTO snapshot_days "
                f"SELECT '{file.entity}', day FROM calendar WHERE day <= final_day() AND ({rules[file.rhythm]})"
            )


def write_exports(connection: duckdb.DuckDBPyConnection, out: Path, planted: list[PlantedDirt]) -> dict[str, int]:
    """Writes every file of every day under `out`; returns the rows written by entity, planted dirt included."""
    days = _days(connection)
    for day in days:
        (out / day.isoformat()).mkdir(parents=True)
    written = dict.fromkeys((file.entity for file in FILES), 0)
    # One thread encodes and writes while the query of the next file runs.
    with ThreadPoolExecutor(max_workers=1) as writer:
        jobs: list[Future[None]] = []
        for file in FILES:
            columns = _columns(connection, file)
            dirt = [one for one in planted if one.dirt.entity == file.entity]
            read = _sheets if file.is_workbook else _texts
            for piece in read(connection, file, columns, dirt):
                written[file.entity] += piece.rows
                jobs.append(writer.submit(piece.write, out / piece.day.isoformat() / file.name))
        for job in jobs:
            job.result()
    return written


def _days(connection: duckdb.DuckDBPyConnection) -> list[dt.date]:
    return [
        day for (day,) in connection.execute("SELECT day FROM calendar WHERE day <= final_day() ORDER BY 1").fetchall()
    ]


def _append_text(columns: list[str], text: bytes, path: Path) -> None:
    with path.open("ab") as file:
        if file.tell() == 0:
            file.write((";".join(columns) + LINE_END).encode(ENCODING))
        file.write(text.decode("utf-8").encode(ENCODING))


def _texts(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, columns: list[str], planted: list[PlantedDirt]
) -> Iterator[Piece]:
    """In the order in which rows are written; a day may come in several pieces."""
    if file.rhythm is Rhythm.EVERY_DAY:
        yield from (Piece(day, 0, partial(_append_text, columns, b"")) for day in _days(connection))
    for batch in _sorted_lines(connection, file, columns, planted):
        # Arrow keeps the lines of a batch as one piece of memory.
        days, lines = batch.column("day"), batch.column("line")
        _, places, text = lines.buffers()
        ends = np.frombuffer(places, np.int32)[lines.offset : lines.offset + len(lines) + 1]
        changes = np.flatnonzero(np.diff(days.cast(pa.int32()).to_numpy())) + 1
        for first, behind in pairwise([0, *changes.tolist(), len(days)]):
            of_day = text[ends[first] : ends[behind]].to_pybytes()
            yield Piece(days[first].as_py(), behind - first, partial(_append_text, columns, of_day))


def _sorted_lines(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, columns: list[str], planted: list[PlantedDirt]
) -> pa.RecordBatchReader:
    """Day and line (with its end) of every row, in the order in which they are written."""
    good = _line([f'"{name}"' for name in columns])
    if file.is_snapshot:
        parts = [
            f"SELECT d.day, sort_at, sort_no, {good} AS line FROM file_{file.entity} AS f "
            f"INNER JOIN snapshot_days AS d ON d.entity = '{file.entity}' AND f.known_on <= d.day"
        ]
    else:
        parts = [f"SELECT seen_on AS day, sort_at, sort_no, {good} AS line FROM file_{file.entity}"]
    parts += [
        f"SELECT seen_on AS day, sort_at, sort_no, {_line(dirt.values(columns))} AS line FROM ({dirt.copies()})"
        for dirt in planted
    ]
    query = f"SELECT day, line FROM ({' UNION ALL '.join(parts)}) ORDER BY day, sort_at, sort_no, line"
    return connection.execute(query).to_arrow_reader(ROWS_AT_ONCE)


def _line(values: list[str]) -> str:
    # concat() takes NULL for empty text, and is one pass where a chain of || copies the line once per column.
    return f"""concat({", ';', ".join(values)}, '{LINE_END}')"""


def _columns(connection: duckdb.DuckDBPyConnection, file: ExportFile) -> list[str]:
    described = connection.execute(f"DESCRIBE file_{file.entity}").fetchall()
    return [name for name, *_ in described if name not in PLACING]


def _sheets(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, columns: list[str], planted: list[PlantedDirt]
) -> Iterator[Piece]:
    names = ", ".join(f'"{name}"' for name in columns)
    rows = connection.execute(
        f"SELECT seen_on, {names} FROM file_{file.entity} ORDER BY seen_on, sort_at, sort_no, {names}"
    ).fetchall()
    for dirt in planted:
        copies = f"SELECT seen_on, {', '.join(dirt.values(columns))} FROM ({dirt.copies()}) ORDER BY dirt_no"
        rows += connection.execute(copies).fetchall()
    by_day: dict[dt.date, list[tuple[object, ...]]] = {}
    for day, *values in rows:
        by_day.setdefault(day, []).append(tuple(values))
    yield from (Piece(day, len(lines), partial(_write_workbook, columns, lines)) for day, lines in by_day.items())


def _write_workbook(columns: list[str], rows: list[tuple[object, ...]], path: Path) -> None:
    workbook = xlsxwriter.Workbook(path, {"in_memory": True})
    workbook.set_properties({"created": WORKBOOK_CREATED})
    date_format = workbook.add_format({"num_format": "dd.mm.yyyy"})
    moment_format = workbook.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    sheet = workbook.add_worksheet("Выгрузка")
    sheet.write_row(0, 0, columns)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, dt.datetime):
                sheet.write_datetime(number, column, value, moment_format)
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, column, value, date_format)
            else:
                sheet.write(number, column, value)
    workbook.close()
