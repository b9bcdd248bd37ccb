"""Reads the files of an export as tables of text, with the reader that will read them every day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from models.file_terms import TableTerms
from orchestration.ingest.formats.readable import ReadableFile, make_readable
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.quoting import column_name
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.source_rows import PLACE, create_tables, scan_rows
from orchestration.profiling.files import FoundFile, find_files, general_name, is_dated, look_at

DAY, FILE = PLACE["_export_date"], PLACE["_file"]


@dataclass(frozen=True)
class Table:
    """Files that are one table: of the same columns, and of one name but for a date. `relation` holds all their rows as
    text: columns c0, c1 … in the order of `header`, and the day and the file."""

    name: str
    relation: str
    header: tuple[str, ...]
    files: tuple[FoundFile, ...]
    rows: int

    @property
    def label(self) -> str:
        """Its name, with the sheet where there are several."""
        return f"{self.name} ({self.terms.sheet})" if self.terms.sheet else self.name

    @property
    def terms(self) -> TableTerms:
        return self.files[0].terms

    @property
    def days(self) -> set[date]:
        return {file.landed.day for file in self.files}


@dataclass
class Export:
    """Every table of an export, and what could not be read, each with the reason."""

    # Day → its folder.
    folders: dict[date, Path]
    tables: list[Table] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        return list(self.folders)


def read_tables(connection: duckdb.DuckDBPyConnection, days: dict[date, Path], scratch: Path) -> Export:
    """Reads every file of `days`."""
    create_tables(connection)
    export = Export(days)
    found: dict[str, list[tuple[FoundFile, ReadableFile]]] = {}
    for number, file in enumerate(_understood(days, scratch, export)):
        try:
            readable = make_readable(file.landed, file.terms, (), scratch / f"file_{number}")
        except ExportRefused as refused:
            export.unread[file.landed.name] = refused.problems[0].reason
            continue
        if header := file.columns or readable.header:
            key = [general_name(file.name), file.terms.sheet or "", *header]
            found.setdefault("\0".join(key), []).append((file, readable))
    for number, pairs in enumerate(found.values()):
        export.tables.append(_table(connection, f"t{number}", pairs))
    return export


def _understood(days: dict[date, Path], scratch: Path, export: Export) -> Iterator[FoundFile]:
    """Every file with its terms. Those of one name and one clinic are written alike: the largest tells most."""
    alike: dict[tuple[str | None, str], list[LandedFile]] = {}
    for landed in find_files(days):
        name = general_name(f"{landed.path.name}!{landed.member or ''}")
        alike.setdefault((clinic_of(landed, days), name), []).append(landed)
    for group in alike.values():
        largest = max(group, key=lambda landed: (landed.path.stat().st_size, landed.name))
        try:
            found = look_at(largest, scratch)
        except ExportRefused as refused:
            export.unread[largest.name] = refused.problems[0].reason
            continue
        except ValueError as error:
            export.unread[largest.name] = str(error)
            continue
        yield from (replace(each, landed=landed) for landed in group for each in found)


def clinic_of(landed: LandedFile, days: dict[date, Path]) -> str | None:
    """The clinic's own folder inside the day's, if the file lies in one."""
    return None if landed.folder == days[landed.day] else landed.folder.name


def _table(connection: duckdb.DuckDBPyConnection, relation: str, pairs: list[tuple[FoundFile, ReadableFile]]) -> Table:
    files = tuple(file for file, _ in pairs)
    readable = [readable for _, readable in pairs]
    header = files[0].columns or readable[0].header
    rows = scan_rows(connection, f"rows_{relation}", readable, list(header))
    columns = ", ".join(f"nullif(trim({column_name(name)}), '') as c{number}" for number, name in enumerate(header))
    connection.execute(f"create temp table {relation} as select {columns}, {DAY}, {FILE} from {rows}")
    for file in readable:
        file.path.unlink(missing_ok=True)
    counted = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
    names = Counter(file.name for file in files)
    name = files[0].name
    if len(names) > 1 or is_dated(name):
        name = general_name(name)
    return Table(name, relation, tuple(header), files, counted)
