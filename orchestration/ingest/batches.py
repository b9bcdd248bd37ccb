"""Reads one entity of one source for any number of days into typed Parquet batches and a quarantine, in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import duckdb

from models.contracts import Contract
from models.source_columns import key_columns
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
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.source_rows import broken_rows, create_tables, naming_elements, scan_rows
from orchestration.ingest.typed_batches import TypedBatches, write_by_day
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
        scanned, days = ScannedFiles(), {file.day for file in files}
        batches = TypedBatches(connection, contract, days, scratch / f"{contract.entity}_typed")
        for number, (_, group) in enumerate(groupby(readable, key=lambda file: id(file.landed.profile))):
            _type_rows(number, list(group), batches, scratch, scanned)
        result.warnings += _hidden_texts(batches, files)
        _note_wrong_rows(batches, source)
        result.warnings += _without_elements(readable, scanned)
        result.files = _counts(batches, readable, scanned, scratch)
        store.forget(source, contract.entity, days)
        batches.move_to(store.folder(source, contract.entity))
        write_by_day(connection, "from quarantined", store.quarantine_folder(source, contract.entity), days)
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


def _hidden_texts(batches: TypedBatches, files: list[LandedFile]) -> list[str]:
    """Personal data where the contract expects an id, a code or a label: told, because the text is not loaded."""
    source, contract, fitting = files[0].source, batches.contract, batches.fitting()
    mapped = {name for file in files for name in file.profile.entities[contract.entity].columns}
    names = [name for name, kind in contract.stored_columns.items() if kind == "VARCHAR" and name in mapped]
    if not names or fitting is None:
        return []
    hidden = f"filter (starts_with({{}}, '{HIDDEN}'))"
    counts = ", ".join(
        f"count(*) {hidden.format(name)}, min(_file || ', row ' || _row) {hidden.format(name)}" for name in names
    )
    found = batches.connection.execute(f"select {counts} from {fitting}").fetchall()[0]
    return [
        f"{source} {contract.entity}: {name} holds personal data in {count:,} rows (e.g. {place}); read as '{HIDDEN}'. "
        "Correct the text in the MIS, map the right column, or list what is nobody's under 'values'"
        for name, count, place in zip(names, found[::2], found[1::2], strict=True)
        if count
    ]


def _without_elements(files: list[ReadableFile], scanned: ScannedFiles) -> list[str]:
    """Files of documents that give no row: it may be a day without any, or a slip in the profile."""
    return [
        str(file.landed.problem(f"no document holds anything at '{file.terms.each}'", "Correct `each` if one should"))
        for file in files
        if file.terms.each
        and file.path.stat().st_size
        and (file.landed.day, file.landed.name) not in scanned.with_elements
    ]


def _type_rows(
    number: int, files: list[ReadableFile], batches: TypedBatches, scratch: Path, scanned: ScannedFiles
) -> None:
    """Adds the rows of files that are mapped alike."""
    profile, entity = files[0].landed.profile, batches.contract.entity
    mapping = profile.entities[entity]
    relation = _relation(batches.connection, f"rows_{number}", files, mapping, scratch, scanned)
    days = sorted(file.landed.day for file in files)
    has_typed_cells = any(file.has_typed_cells for file in files)
    select = TypedSelect(profile, mapping, batches.contract, days[len(days) // 2], has_typed_cells)
    try:
        batches.add(select, relation)
    except duckdb.Error:
        refuse_wrong_expressions(batches.connection, mapping, relation, files[0].landed)
        # Each expression is sound, so one of them fails on some row.
        batches.add(replace(select, tries=True), relation)


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
    if mapping.each:
        relation = naming_elements(relation)
    if mapping.fill_down:
        refuse_wrong_fill_down(connection, mapping, relation, [file.landed for file in files])
        relation = filled_down(relation, mapping.fill_down, columns, NumberFormat.of(mapping.text))
    if mapping.unpivot:
        relation = unpivoted(relation, mapping.unpivot, used.of_rows)
    for lookup_name, lookup in mapping.lookups.items():
        wanted = used.lookups[lookup_name]
        found = _lookup_files(files, lookup_name, lookup, sorted({*key_columns(lookup), *wanted}), scratch)
        relation = with_lookup(connection, relation, f"{name}_{lookup_name}", lookup_name, lookup, found, wanted)
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


def _note_wrong_rows(batches: TypedBatches, source: str) -> None:
    """Makes the temp table `quarantined`."""
    origin = f"'{source}' as _source, '{batches.contract.entity}' as entity, '{READ_STAGE}' as stage"
    broken = f"""
        select _export_date, _file, _row, null::varchar as _key, null::varchar as column_name, null::varchar as value,
            'broken_row' as rule, reason
        from {broken_rows(batches.connection)}
    """
    wrong = " union all ".join([broken, *(f"from {table}" for table in batches.wrong)])
    batches.connection.execute(f"create temp table quarantined as select {origin}, * from ({wrong})")


def _counts(
    batches: TypedBatches, readable: list[ReadableFile], scanned: ScannedFiles, scratch: Path
) -> list[DayCount]:
    connection, fitting = batches.connection, batches.fitting()
    files = [file.landed for file in readable]
    counts = "select _export_date, _file, count(*)"
    typed = connection.execute(f"{counts} from {fitting} group by all").fetchall() if fitting else []
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
