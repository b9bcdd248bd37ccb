"""Reads the files of an export as tables of text, with the reader that will read them every day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from models.source_terms import TableTerms
from orchestration.ingest.formats.readable import ReadableFile, make_readable
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.quoting import column_name
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.source_rows import PLACE, create_tables, scan_rows
from orchestration.profiling.files import FoundFile, find_files, general_name, look_at

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
    def terms(self) -> TableTerms:
        return self.files[0].terms

    @property
    def days(self) -> set[date]:
        return {file.landed.day for file in self.files}


@dataclass
class Export:
    """Every table of an export, and what could not be read, each with the reason."""

    days: list[date]
    tables: list[Table] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def read_tables(connection: duckdb.DuckDBPyConnection, days: dict[date, Path], scratch: Path) -> Export:
    """Reads every file of `days`."""
    create_tables(connection)
    export = Export(list(days))
    found: dict[str, list[tuple[FoundFile, ReadableFile]]] = {}
    for number, file in enumerate(_understood(days, scratch, export)):
        try:
            readable = make_readable(file.landed, file.terms, (), scratch / f"file_{number}")
        except ExportRefused as refused:
            export.unread[file.landed.name] = refused.problems[0].reason
            continue
        if header := file.columns or readable.header:
            found.setdefault("\0".join([general_name(file.name), *header]), []).append((file, readable))
    for number, pairs in enumerate(found.values()):
        export.tables.append(_table(connection, f"t{number}", pairs))
    return export


def _understood(days: dict[date, Path], scratch: Path, export: Export) -> Iterator[FoundFile]:
    """Every file with its terms. Those of one name are written alike: the largest tells most."""
    alike: dict[str, list[LandedFile]] = {}
    for landed in find_files(days):
        alike.setdefault(general_name(f"{landed.path.name}!{landed.member or ''}"), []).append(landed)
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
        yield from (replace(found, landed=landed) for landed in group)


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
    name = files[0].name if len(names) == 1 else general_name(files[0].name)
    return Table(name, relation, tuple(header), files, counted)
