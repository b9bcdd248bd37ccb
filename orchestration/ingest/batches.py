"""Reads one entity of one source for any number of days into typed Parquet batches and a quarantine, in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import duckdb

from models.contracts import Contract
from models.row_keys import row_key
from models.source_terms import EntityMapping, Lookup, UnknownColumns
from orchestration.ingest.batch_store import BatchStore, DayCount, counted_by_file
from orchestration.ingest.file_facts import ScannedFiles, summed_columns
from orchestration.ingest.formats.readable import ReadableFile, make_readable
from orchestration.ingest.landing import LandedFile, matching_files
from orchestration.ingest.mapping.expressions import refuse_wrong_expressions, refuse_wrong_fill_down
from orchestration.ingest.mapping.joined_rows import filled_down, unpivoted, with_lookup
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.mapping.origins import columns_used
from orchestration.ingest.mapping.typed_select import TypedSelect
from orchestration.ingest.pseudonyms import set_pseudonym_key
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.source_rows import broken_rows, create_tables, scan_rows
from orchestration.ingest.wording import listed
from orchestration.privacy.patterns import HIDDEN

READ_STAGE = "read"


@dataclass
class EntityRead:
    """What came of reading one entity: counts per file, and things a person should know."""

    entity: str
    files: list[DayCount] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # File → headers that the profile neither maps nor ignores.
    unknown_columns: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rows_read(self) -> int:
        return sum(file.rows_read for file in self.files)

    @property
    def rows_quarantined(self) -> int:
        return sum(file.rows_quarantined for file in self.files)


def read_entity(
    files: list[LandedFile], contract: Contract, store: BatchStore, scratch: Path, patient_key: bytes
) -> EntityRead:
    """Reads `files` (one entity of one source) and writes their batches, replacing those of the same days.

    Raises:
        ExportRefused: with every file that cannot be read as a whole; then no batch of this entity has changed.
    """
    source = files[0].source
    result = EntityRead(contract.entity)
    # What does not fit into memory must not be spilt into the current folder, DuckDB's default.
    with duckdb.connect(config={"temp_directory": str(scratch / "spilt")}) as connection:
        set_pseudonym_key(connection, patient_key)
        create_tables(connection)
        readable = _readable(files, contract.entity, scratch, result)
        scanned = ScannedFiles()
        for number, (_, group) in enumerate(groupby(readable, key=lambda file: id(file.landed.profile))):
            _type_rows(connection, number, list(group), contract, scratch, scanned)
        result.warnings += _hidden_texts(connection, source, contract)
        store.forget(source, contract.entity, {file.day for file in files})
        _write_batches(connection, store, source, contract)
        result.files = _counts(connection, readable, scanned, scratch)
    for file in readable:
        file.path.unlink()
    return result


def _readable(files: list[LandedFile], entity: str, scratch: Path, result: EntityRead) -> list[ReadableFile]:
    readable: list[ReadableFile] = []
    problems: list[FileProblem] = []
    for number, landed in enumerate(sorted(files, key=lambda file: id(file.profile))):
        mapping = landed.profile.entities[entity]
        scanned = _scanned_columns(landed)
        try:
            file = make_readable(landed, mapping, scanned, scratch / f"{entity}_{number}")
        except ExportRefused as refused:
            problems += refused.problems
            continue
        readable.append(file)
        if file.format.has_paths:
            continue
        problems += _missing_columns(file, scanned)
        unknown = [name for name in file.header if name not in scanned and name not in mapping.ignore]
        if unknown and mapping.unknown_columns is not UnknownColumns.IGNORE:
            problem = _unknown_columns(file, unknown)
            result.unknown_columns[landed.name] = unknown
            if mapping.unknown_columns is UnknownColumns.REFUSE:
                problems.append(problem)
            else:
                result.warnings.append(str(problem))
    if problems:
        raise ExportRefused(problems)
    return readable


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


def _type_rows(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    files: list[ReadableFile],
    contract: Contract,
    scratch: Path,
    scanned: ScannedFiles,
) -> None:
    """Adds the rows of files that are mapped alike to the temp table `typed_rows`."""
    profile = files[0].landed.profile
    mapping = profile.entities[contract.entity]
    relation = _relation(connection, f"rows_{number}", files, mapping, scratch, scanned)
    days = sorted(file.landed.day for file in files)
    has_typed_cells = any(file.has_typed_cells for file in files)
    select = TypedSelect(profile, mapping, contract, days[len(days) // 2], has_typed_cells)
    into = "create temp table typed_rows as" if number == 0 else "insert into typed_rows"
    try:
        _insert_typed(connection, into, select, relation)
    except duckdb.Error:
        refuse_wrong_expressions(connection, mapping, relation, files[0].landed)
        # Each expression is sound, so one of them fails on some row.
        _insert_typed(connection, into, replace(select, tries=True), relation)


def _insert_typed(connection: duckdb.DuckDBPyConnection, into: str, select: TypedSelect, relation: str) -> None:
    if codes := select.pseudonyms_sql(relation):
        connection.execute(f"create or replace temp table pseudonyms as {codes}")
    connection.execute(f"{into} {select.sql(relation, 'pseudonyms')}")


def _relation(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: list[ReadableFile],
    mapping: EntityMapping,
    scratch: Path,
    scanned: ScannedFiles,
) -> str:
    """The rows of `files` with everything that the mapping names."""
    used = columns_used(mapping)
    columns = _scanned_columns(files[0].landed)
    relation = scan_rows(connection, name, files, columns)
    scanned.note(connection, relation, files, columns)
    if mapping.fill_down:
        refuse_wrong_fill_down(connection, mapping, relation, [file.landed for file in files])
        relation = filled_down(relation, mapping.fill_down, columns, NumberFormat.of(mapping.text))
    if mapping.unpivot:
        relation = unpivoted(relation, mapping.unpivot, used.of_rows)
    for lookup_name, lookup in mapping.lookups.items():
        columns = sorted({*lookup.by.values(), *used.lookups[lookup_name]})
        found = _lookup_files(files, lookup_name, lookup, columns, scratch)
        relation = with_lookup(connection, relation, f"{name}_{lookup_name}", lookup_name, lookup, found, columns)
    return relation


def _scanned_columns(landed: LandedFile) -> list[str]:
    """What is read of a file: what the mapping names, and what the control totals sum."""
    return sorted({*columns_used(landed.profile.entities[landed.entity]).own, *summed_columns(landed)})


def _lookup_files(
    files: list[ReadableFile], name: str, lookup: Lookup, columns: list[str], scratch: Path
) -> list[ReadableFile]:
    """The look-up's files of every day of `files`."""
    days = {file.landed.day: file.landed for file in files}
    found: list[ReadableFile] = []
    problems: list[FileProblem] = []
    for day, landed in days.items():
        wanted = landed.beside(lookup.file)
        # One that must be there and is not tells why when it is opened.
        for number, beside in enumerate(list(matching_files(wanted)) or ([wanted] if lookup.required else [])):
            try:
                file = make_readable(beside, lookup, columns, scratch / f"{landed.entity}_{name}_{day}_{number}")
            except ExportRefused as refused:
                problems += refused.problems
                continue
            found.append(file)
            if not file.format.has_paths:
                problems += _missing_columns(file, columns)
    if problems:
        raise ExportRefused(problems)
    return found


def _missing_columns(file: ReadableFile, used: list[str]) -> list[FileProblem]:
    missing = [name for name in used if name not in file.columns]
    if not missing:
        return []
    remedy = (
        f"The file has: {listed(file.header)}. "
        "Name a renamed column in the profile, or set text.delimiter if the delimiter is another"
    )
    return [file.landed.problem(f"the header lacks {listed(missing)}", remedy, file.terms.text.last_header_row)]


def _unknown_columns(file: ReadableFile, unknown: list[str]) -> FileProblem:
    remedy = "Map them in the profile or list them under 'ignore'"
    return file.landed.problem(
        f"the header has unknown columns {listed(unknown)}", remedy, file.terms.text.last_header_row
    )


def _write_batches(connection: duckdb.DuckDBPyConnection, store: BatchStore, source: str, contract: Contract) -> None:
    entity = contract.entity
    connection.execute(
        f"""
        create temp table quarantined as
        select '{source}' as _source, '{entity}' as entity, _export_date, _file, _row, _key, '{READ_STAGE}' as stage,
            problem.column_name, problem.value, problem.rule, problem.reason
        from (
            select _export_date, _file, _row, {row_key(contract)} as _key, unnest(_problems) as problem
            from typed_rows where len(_problems) > 0
        )
        union all
        select '{source}', '{entity}', _export_date, _file, _row, null, '{READ_STAGE}', null, null, 'broken_row', reason
        from {broken_rows(connection)}
        """
    )
    clean = "select * exclude (_problems) from typed_rows where len(_problems) = 0"
    _write_by_day(connection, clean, store.folder(source, entity))
    _write_by_day(connection, "from quarantined", store.quarantine_folder(source, entity))


def _write_by_day(connection: duckdb.DuckDBPyConnection, query: str, folder: Path) -> None:
    days = connection.execute(f"select distinct _export_date from ({query})").fetchall()
    if len(days) == 1:
        # Sorting rows into days costs as much as writing them.
        folder = folder / f"_export_date={days[0][0]}"
        target, options = folder / "data_0.parquet", "format parquet"
    else:
        target = folder
        options = "format parquet, partition_by (_export_date), write_partition_columns true, overwrite_or_ignore true"
    folder.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({query}) to {text_literal(str(target))} ({options})")


def _counts(
    connection: duckdb.DuckDBPyConnection, readable: list[ReadableFile], scanned: ScannedFiles, scratch: Path
) -> list[DayCount]:
    files = [file.landed for file in readable]
    counts = "select _export_date, _file, count(*)"
    typed = connection.execute(f"{counts} from typed_rows where len(_problems) = 0 group by all").fetchall()
    wrong = connection.execute(
        f"{counts} from (from quarantined select distinct _export_date, _file, _row) group by all"
    ).fetchall()
    typed_of, wrong_of = counted_by_file(typed, files), counted_by_file(wrong, files)
    broken = connection.execute(f"{counts} from {broken_rows(connection)} group by all").fetchall()
    broken_of = counted_by_file(broken, files)
    return [
        DayCount(
            entity=file.landed.entity,
            day=day,
            file=name,
            version=file.version,
            rows_read=typed_of[day, name] + wrong_of[day, name],
            rows_typed=typed_of[day, name],
            columns=scanned.columns[day, name],
            controls=scanned.compared(file.landed, broken_of[day, name], scratch),
        )
        for file in readable
        for day, name in [(file.landed.day, file.landed.name)]
    ]
