"""Reads one entity of one source for any number of days into typed Parquet batches and a quarantine, in one pass.

batches/<source>/<entity>/_export_date=<day>/*.parquet      rows that fit the contract
batches/<source>/<entity>/quarantine/_export_date=<day>/    … and those that do not, each with its reasons
batches/<source>/<entity>/refused/_export_date=<day>/       rows of the batch that the guard refused, with theirs
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from pathlib import Path

import duckdb

from models.contracts import Contract
from models.sources import EntityMapping, Profile, UnknownColumns
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.landing import FileVersion, LandedFile
from orchestration.ingest.mapping import PLACE, TypedSelect, columns_used
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.text import ReadableFile, make_readable

READ_STAGE = "read"


@dataclass(frozen=True)
class DayCount:
    """Rows of one entity on one day: `read = typed + quarantined`."""

    entity: str
    day: date
    file: str
    version: FileVersion
    rows_read: int
    rows_typed: int

    @property
    def rows_quarantined(self) -> int:
        return self.rows_read - self.rows_typed


@dataclass
class EntityRead:
    """What came of reading one entity: counts per day, and things a person should know."""

    entity: str
    days: list[DayCount] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def rows_read(self) -> int:
        return sum(day.rows_read for day in self.days)

    @property
    def rows_quarantined(self) -> int:
        return sum(day.rows_quarantined for day in self.days)


@dataclass(frozen=True)
class BatchStore:
    """Where batches are kept."""

    root: Path

    def folder(self, source: str, entity: str) -> Path:
        return self.root / source / entity

    def quarantine_folder(self, source: str, entity: str) -> Path:
        return self.folder(source, entity) / "quarantine"

    def refused_folder(self, source: str, entity: str) -> Path:
        return self.folder(source, entity) / "refused"

    def paths(self, source: str, entity: str, days: Iterable[date]) -> list[Path]:
        """Parquet files of `days`, in order of day; so do the other two."""
        return _parquet_files(self.folder(source, entity), days)

    def quarantine_paths(self, source: str, entity: str, days: Iterable[date]) -> list[Path]:
        return _parquet_files(self.quarantine_folder(source, entity), days)

    def refused_paths(self, source: str, entity: str, days: Iterable[date]) -> list[Path]:
        return _parquet_files(self.refused_folder(source, entity), days)

    def forget(self, source: str, entity: str, days: Iterable[date]) -> None:
        """Removes what an earlier reading of these days left."""
        folders = [at(source, entity) for at in (self.folder, self.quarantine_folder, self.refused_folder)]
        for day in days:
            for folder in folders:
                shutil.rmtree(_day_folder(folder, day), ignore_errors=True)


def _day_folder(folder: Path, day: date) -> Path:
    return folder / f"_export_date={day}"


def _parquet_files(folder: Path, days: Iterable[date]) -> list[Path]:
    return [path for day in sorted(days) for path in sorted(_day_folder(folder, day).glob("*.parquet"))]


def read_entity(
    connection: duckdb.DuckDBPyConnection,
    files: list[LandedFile],
    profile: Profile,
    contract: Contract,
    store: BatchStore,
    scratch: Path,
) -> EntityRead:
    """Reads `files` (one entity, one per day) and writes their batches, replacing those of the same days.

    Raises:
        ExportRefused: with every file that cannot be read as a whole; then no batch of this entity has changed.
    """
    mapping = profile.entities[contract.entity]
    result = EntityRead(contract.entity)
    readable = _readable(files, profile, mapping, scratch, result)
    days = [file.day for file in files]
    _create_source_rows(connection, readable, profile, mapping)
    from_sheet = any(file.path.suffix.lower() == ".xlsx" for file in files)
    select = TypedSelect(profile, mapping, contract, from_sheet).sql("source_rows")
    connection.execute(f"create or replace temp table typed_rows as {select}")
    store.forget(profile.source, contract.entity, days)
    _write_batches(connection, store, profile.source, contract.entity)
    result.days = _counts(connection, readable)
    connection.execute("drop table typed_rows; drop table source_rows; drop table broken_rows")
    for file in readable:
        file.csv_path.unlink()
    return result


def _readable(
    files: list[LandedFile], profile: Profile, mapping: EntityMapping, scratch: Path, result: EntityRead
) -> list[ReadableFile]:
    readable: list[ReadableFile] = []
    problems: list[FileProblem] = []
    used = columns_used(mapping)
    for number, landed in enumerate(files):
        try:
            file = make_readable(landed, profile, mapping, scratch / f"{landed.entity}_{number}.csv")
        except ExportRefused as refused:
            problems += refused.problems
            continue
        readable.append(file)
        problems += _missing_columns(file, used)
        unknown = [name for name in file.header if name not in used and name not in mapping.ignore]
        if unknown and mapping.unknown_columns is not UnknownColumns.IGNORE:
            problem = _unknown_columns(file, unknown)
            if mapping.unknown_columns is UnknownColumns.REFUSE:
                problems.append(problem)
            else:
                result.warnings.append(str(problem))
    if problems:
        raise ExportRefused(problems)
    return readable


def _missing_columns(file: ReadableFile, used: set[str]) -> list[FileProblem]:
    missing = sorted(used - set(file.header))
    if not missing:
        return []
    names, has = (", ".join(f"'{name}'" for name in columns) for columns in (missing, file.header))
    remedy = (
        f"The file has: {has}. Name a renamed column in the profile, or set text.delimiter if the delimiter is another"
    )
    return [file.landed.problem(f"the header lacks {names}", remedy, 1)]


def _unknown_columns(file: ReadableFile, unknown: list[str]) -> FileProblem:
    names = ", ".join(f"'{name}'" for name in unknown)
    return file.landed.problem(
        f"the header has unknown columns {names}", "Map them in the profile or list them under 'ignore'", 1
    )


def _create_source_rows(
    connection: duckdb.DuckDBPyConnection, readable: list[ReadableFile], profile: Profile, mapping: EntityMapping
) -> None:
    """Temp tables: `source_rows` (text, and where it stands), `broken_rows` (lines that are no records)."""
    connection.execute("create or replace temp table broken_rows (_csv_path varchar, _row bigint, reason varchar)")
    connection.execute("create or replace temp table empty_lines (_csv_path varchar, _row bigint)")
    connection.execute("create or replace temp table empty_rows (_csv_path varchar, _row bigint)")
    connection.execute("create or replace temp table files (_csv_path varchar, _export_date date, _file varchar)")
    names = [[str(file.csv_path), file.landed.day, file.landed.name] for file in readable]
    insert_rows(connection, "files", names)
    for table, rows in (("empty_lines", attrgetter("empty_lines")), ("empty_rows", attrgetter("empty_rows"))):
        insert_rows(connection, table, [[str(file.csv_path), row] for file in readable for row in rows(file)])
    used = sorted(columns_used(mapping))
    layouts: dict[tuple[str, ...], list[ReadableFile]] = {}
    for file in readable:
        layouts.setdefault(file.header, []).append(file)
    connection.execute("drop table if exists source_rows")
    for number, (header, files) in enumerate(layouts.items()):
        numbers = [header.index(name) for name in used]
        _scan(connection, header, files, profile, numbers)
        numbered = _numbered_rows(dict(zip(numbers, used, strict=True)))
        insert = (
            f"create temp table source_rows as {numbered}" if number == 0 else f"insert into source_rows {numbered}"
        )
        connection.execute(insert)
    connection.execute("drop table scanned")


def _scan(
    connection: duckdb.DuckDBPyConnection,
    header: tuple[str, ...],
    files: list[ReadableFile],
    profile: Profile,
    numbers: list[int],
) -> None:
    """Temp table `scanned`: the needed text columns in file order; DuckDB keeps lines that are no record aside."""
    # Read by position and named afterwards: a header may hold names that DuckDB or we have another use for.
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(header)))
    wanted = ", ".join([*(f"c{number}" for number in numbers), "_csv_path"])
    connection.execute("drop table if exists scanned")
    query = f"""
        create temp table scanned as
        select {wanted}
        from read_csv(
            [{", ".join(_literal(str(file.csv_path)) for file in files)}],
            auto_detect = false, header = true, columns = {{{columns}}}, filename = '_csv_path',
            delim = {_literal(profile.text.delimiter)},
            quote = {_literal(profile.text.quote)}, escape = {_literal(profile.text.quote)},
            store_rejects = true, rejects_limit = 0
        )
        """
    try:
        connection.execute(query)
    except duckdb.InvalidInputException as error:
        reason = f"the file cannot be read as CSV ({str(error).splitlines()[0]})"
        suspects = [file for file in files if str(file.csv_path) in str(error)] or files
        raise ExportRefused([file.landed.problem(reason, "Export it again") for file in suspects]) from None
    connection.execute(
        """
        create or replace temp table rejected as
        select scans.file_path as _csv_path, errors.line as _row, min(errors.error_message) as reason
        from reject_errors as errors
        join reject_scans as scans using (scan_id, file_id)
        group by scans.file_path, errors.line
        """
    )
    # A row of too few empty cells is passed over as an empty line is.
    connection.execute("insert into broken_rows from rejected anti join empty_rows using (_csv_path, _row)")
    connection.execute(
        "insert into empty_lines select _csv_path, _row from rejected semi join empty_rows using (_csv_path, _row)"
    )
    unclosed = connection.execute(
        """
        select scans.file_path, min(errors.line)
        from reject_errors as errors
        join reject_scans as scans using (scan_id, file_id)
        where errors.error_type = 'UNQUOTED VALUE' and contains(rtrim(errors.csv_line, chr(10) || chr(13)), chr(10))
        group by scans.file_path
        """
    ).fetchall()
    connection.execute("drop table reject_errors; drop table reject_scans; drop table rejected")
    if unclosed:
        landed = {str(file.csv_path): file.landed for file in files}
        raise ExportRefused([_unclosed_quote(landed[path], row) for path, row in unclosed])


def _unclosed_quote(landed: LandedFile, row: int) -> FileProblem:
    reason = "a quote is opened and not closed where the value ends, so that the rows behind it cannot be told apart"
    return landed.problem(reason, "Close the quote, or double it if it is part of the text", row)


def _numbered_rows(used: dict[int, str]) -> str:
    """Numbers rows as a spreadsheet shows them (header = 1), counting the broken and empty lines between them."""
    columns = "".join(f"rows.c{number} as {_name(name)}, " for number, name in used.items())
    return f"""
        with rows as (
            select *, rowid - min(rowid) over (partition by _csv_path) as good_before from scanned
        ),
        others as (
            -- The k-th other line of a file (from 1), on row r, stands behind r - 1 - k good ones.
            select _csv_path, good_before, max(others_before) as others_before
            from (
                select _csv_path, _row - 1 - row_number() over (partition by _csv_path order by _row) as good_before,
                    row_number() over (partition by _csv_path order by _row) as others_before
                from (select _csv_path, _row from broken_rows union all from empty_lines)
            )
            group by _csv_path, good_before
        ),
        numbered as (
            select rows.*, rows.good_before + 2 + coalesce(others.others_before, 0) as _row
            from rows
            asof left join others on rows._csv_path = others._csv_path and rows.good_before >= others.good_before
        )
        select {columns}files._export_date as {PLACE["_export_date"]}, files._file as {PLACE["_file"]},
            rows._row as {PLACE["_row"]}
        from numbered as rows
        join files using (_csv_path)
        anti join empty_rows on rows._csv_path = empty_rows._csv_path and rows._row = empty_rows._row
    """


def _write_batches(connection: duckdb.DuckDBPyConnection, store: BatchStore, source: str, entity: str) -> None:
    connection.execute(
        f"""
        create or replace temp table quarantined as
        select '{source}' as _source, '{entity}' as entity, _export_date, _file, _row, '{READ_STAGE}' as stage,
            problem.column_name, problem.value, problem.rule, problem.reason
        from (select _export_date, _file, _row, unnest(_problems) as problem from typed_rows where len(_problems) > 0)
        union all
        select '{source}', '{entity}', _export_date, _file, _row, '{READ_STAGE}', null, null, 'broken_row', reason
        from broken_rows join files using (_csv_path)
        """
    )
    options = "format parquet, partition_by (_export_date), write_partition_columns true, overwrite_or_ignore true"
    folder = store.folder(source, entity)
    folder.mkdir(parents=True, exist_ok=True)
    clean = "select * exclude (_problems) from typed_rows where len(_problems) = 0 order by _export_date, _row"
    connection.execute(f"copy ({clean}) to {_literal(str(folder))} ({options})")
    quarantine = store.quarantine_folder(source, entity)
    quarantine.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy quarantined to {_literal(str(quarantine))} ({options})")


def _counts(connection: duckdb.DuckDBPyConnection, readable: list[ReadableFile]) -> list[DayCount]:
    rows = connection.execute(
        """
        select _export_date, sum(is_typed), count(*)
        from (
            select _export_date, (len(_problems) = 0)::integer as is_typed from typed_rows
            union all
            select _export_date, 0 from broken_rows join files using (_csv_path)
        )
        group by _export_date
        """
    ).fetchall()
    counted = {day: (int(typed), int(total)) for day, typed, total in rows}
    return [
        DayCount(file.landed.entity, file.landed.day, file.landed.name, file.version, total, typed)
        for file in readable
        for typed, total in [counted.get(file.landed.day, (0, 0))]
    ]


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
