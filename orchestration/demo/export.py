"""Writes the demo's tables as a Russian MIS exports them: cp1251 CSV and workbooks, a folder per day. Makes no data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb
import xlsxwriter

from orchestration.demo.dirt import PlantedDirt

ENCODING = "cp1251"
LINE_END = "\r\n"
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


FILES = (
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
    ExportFile("marketing_spend", Rhythm.CHANGES, is_workbook=True),
    ExportFile("expenses", Rhythm.CHANGES, is_workbook=True),
    ExportFile("employee_scores", Rhythm.CHANGES, is_workbook=True),
    ExportFile("balances", Rhythm.CHANGES, is_workbook=True),
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
    calendar = connection.execute("SELECT day FROM calendar WHERE day <= final_day() ORDER BY day").fetchall()
    days = [day for (day,) in calendar]
    for day in days:
        (out / day.isoformat()).mkdir(parents=True)
    written = {}
    for file in FILES:
        dirt = [one for one in planted if one.dirt.entity == file.entity]
        if file.is_workbook:
            written[file.entity] = _write_workbooks(connection, file, out, dirt)
        else:
            written[file.entity] = _write_texts(connection, file, out, days, dirt)
    return written


def _write_texts(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, out: Path, days: list[dt.date], planted: list[PlantedDirt]
) -> int:
    columns = _columns(connection, file)
    header = ";".join(columns) + LINE_END
    written = 0
    missing = set(days)
    for day, rows, text in _daily_texts(connection, file, columns, planted):
        (out / day.isoformat() / file.name).write_bytes((header + text + LINE_END).encode(ENCODING))
        missing.discard(day)
        written += rows
    if file.rhythm is Rhythm.EVERY_DAY:
        for day in missing:
            (out / day.isoformat() / file.name).write_bytes(header.encode(ENCODING))
    return written


def _daily_texts(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, columns: list[str], planted: list[PlantedDirt]
) -> Iterator[tuple[dt.date, int, str]]:
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
    cursor = connection.execute(
        f"""
        SELECT day, count(*), string_agg(line, '{LINE_END}' ORDER BY sort_at, sort_no, line)
        FROM ({" UNION ALL ".join(parts)})
        GROUP BY day ORDER BY day
        """
    )
    while row := cursor.fetchone():
        yield row


def _line(values: list[str]) -> str:
    # concat() takes NULL for empty text, and is one pass where a chain of || copies the line once per column.
    return f"""concat({", ';', ".join(values)})"""


def _columns(connection: duckdb.DuckDBPyConnection, file: ExportFile) -> list[str]:
    described = connection.execute(f"DESCRIBE file_{file.entity}").fetchall()
    return [name for name, *_ in described if name not in PLACING]


def _write_workbooks(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, out: Path, planted: list[PlantedDirt]
) -> int:
    columns = _columns(connection, file)
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
    for day, lines in by_day.items():
        _write_workbook(out / day.isoformat() / file.name, columns, lines)
    return len(rows)


def _write_workbook(path: Path, columns: list[str], rows: list[tuple[object, ...]]) -> None:
    workbook = xlsxwriter.Workbook(path)
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
