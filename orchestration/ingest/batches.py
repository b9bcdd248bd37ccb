"""Reads one entity of one source for any number of days into typed Parquet batches and a quarantine, in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.contracts import Contract
from models.source_terms import EntityMapping, UnknownColumns
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, DayCount
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.mapping import TypedSelect, columns_used
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.source_rows import create_source_rows
from orchestration.ingest.text import ReadableFile, make_readable
from orchestration.privacy.patterns import HIDDEN

READ_STAGE = "read"


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
    create_source_rows(connection, readable, profile, sorted(columns_used(mapping)))
    from_sheet = any(file.path.suffix.lower() == ".xlsx" for file in files)
    select = TypedSelect(profile, mapping, contract, from_sheet).sql("source_rows")
    try:
        connection.execute(f"create or replace temp table typed_rows as {select}")
    except duckdb.Error as error:
        # `from None`: DuckDB quotes the value that it stumbled over, and a traceback is kept in Dagster's event log.
        raise ExportRefused([_failing_sql(file, type(error).__name__) for file in files]) from None
    result.warnings += _hidden_texts(connection, profile.source, contract)
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


def _failing_sql(file: LandedFile, error: str) -> FileProblem:
    reason = f"the profile's SQL cannot be computed for some row ({error}; the value is not shown)"
    return file.problem(
        reason, "Use try_cast and try_strptime in the profile, which give NULL where a text does not fit"
    )


def _hidden_texts(connection: duckdb.DuckDBPyConnection, source: str, contract: Contract) -> list[str]:
    """Personal data where the contract expects an id, a code or a label: told, because the text is not loaded."""
    names = [name for name, sql_type in contract.stored_columns.items() if sql_type == "VARCHAR"]
    hidden = f"filter ({{}} = '{HIDDEN}')"
    counts = ", ".join(
        f"count(*) {hidden.format(name)}, min(_file || ', row ' || _row) {hidden.format(name)}" for name in names
    )
    found = connection.execute(f"select {counts} from typed_rows").fetchall()[0] if names else ()
    return [
        f"{source} {contract.entity}: {name} holds personal data in {count:,} rows (e.g. {place}); read as '{HIDDEN}'. "
        "Correct the text in the MIS, or map the right column"
        for name, count, place in zip(names, found[::2], found[1::2], strict=True)
        if count
    ]


def _missing_columns(file: ReadableFile, used: set[str]) -> list[FileProblem]:
    missing = sorted(used - set(file.header))
    if not missing:
        return []
    if not _is_header(file.header, used):
        reason = "the first row is no header: it holds none of the names that the profile knows"
        remedy = "Export the file with its header, or set text.delimiter if the delimiter is another"
        return [file.landed.problem(reason, remedy, 1)]
    names, has = (", ".join(f"'{name}'" for name in columns) for columns in (missing, file.header))
    remedy = (
        f"The file has: {has}. Name a renamed column in the profile, or set text.delimiter if the delimiter is another"
    )
    return [file.landed.problem(f"the header lacks {names}", remedy, 1)]


def _is_header(row: tuple[str, ...], known: set[str]) -> bool:
    """A first row that is a patient's must not be quoted. A wrong delimiter leaves the names in one piece."""
    names = {name.strip() for cell in row for name in re.split("[,;|\t]", cell)}
    return not known.isdisjoint(names)


def _unknown_columns(file: ReadableFile, unknown: list[str]) -> FileProblem:
    names = ", ".join(f"'{name}'" for name in unknown)
    return file.landed.problem(
        f"the header has unknown columns {names}", "Map them in the profile or list them under 'ignore'", 1
    )


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
    connection.execute(f"copy ({clean}) to {text_literal(str(folder))} ({options})")
    quarantine = store.quarantine_folder(source, entity)
    quarantine.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy quarantined to {text_literal(str(quarantine))} ({options})")


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
