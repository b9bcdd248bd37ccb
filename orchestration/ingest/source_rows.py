"""Brings files that are mapped alike into one relation of text: columns by name, each row with its place."""

from __future__ import annotations

from itertools import groupby

import duckdb

from models.file_terms import FileFormat
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.formats.csv_rows import scan_csv
from orchestration.ingest.formats.documents import scan_documents
from orchestration.ingest.formats.numbering import numbered_broken_rows, numbered_rows
from orchestration.ingest.formats.parquet_rows import scan_parquet
from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.quoting import column_name, text_literal

# Where a row stands in the export, beside the file's own columns, which may have any name.
PLACE = {"_export_date": "__triune_export_date", "_file": "__triune_file", "_row": "__triune_row"}
_DAY, _FILE, _ROW = PLACE.values()
# Which element of its document a row is; NULL without `each`.
ELEMENT = "__triune_element"


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp tables that the scans fill: `files`, `left_out`, and `broken_rows`, numbered as in the file as read."""
    connection.execute(
        """
        create temp table files (_path varchar, _export_date date, _file varchar);
        create temp table left_out (_path varchar, _row bigint);
        create temp table broken_rows (_path varchar, _row bigint, reason varchar)
        """
    )


def broken_rows(connection: duckdb.DuckDBPyConnection) -> str:
    """Relation of the lines that are no records: `_export_date, _file, _row, reason`."""
    numbered = numbered_broken_rows(has_left_out=_has_rows(connection, "left_out"))
    return f"(select _export_date, _file, _row, reason from ({numbered}) join files using (_path))"


def naming_elements(relation: str) -> str:
    """`relation` of `scan_rows`, where a row's `_file` names its element too: (file, row) names one row of it."""
    return f"""(
        select rows.* replace (rows.{_FILE} || '[' || rows.{ELEMENT} || ']' as {_FILE}) from {relation} as rows
    )"""


def scan_rows(connection: duckdb.DuckDBPyConnection, name: str, files: list[ReadableFile], columns: list[str]) -> str:
    """Scans `files` into temp tables whose names begin with `name`; returns the relation of `columns` and `PLACE`.

    Raises:
        ExportRefused: a file is no table or no document.
    """
    if not files:
        nothing = "".join(f"null::varchar as {column_name(column)}, " for column in columns)
        return f"(select {nothing}null::date as {_DAY}, null::varchar as {_FILE}, null::bigint as {_ROW} where false)"
    named = [[str(file.path), file.landed.day, file.landed.name] for file in files]
    insert_rows(connection, "files", ("_path", "_export_date", "_file"), named)
    insert_rows(connection, "left_out", ("_path", "_row"), [[str(f.path), row] for f in files for row in f.left_out])
    layouts = groupby(sorted(files, key=_layout), key=_layout)
    parts = [_scan(connection, f"{name}_{number}", list(alike), columns) for number, (_, alike) in enumerate(layouts)]
    names = "".join(f"rows.c{number} as {column_name(column)}, " for number, column in enumerate(columns))
    # Of a single file the place is a constant, which costs nothing on however many rows.
    of_one = (
        f"(select date '{files[0].landed.day}' as _export_date, {text_literal(files[0].landed.name)} as _file) as files"
    )
    return f"""(
        select {names}files._export_date as {_DAY}, files._file as {_FILE}, rows._row as {_ROW},
            rows._element as {ELEMENT}
        from ({" union all ".join(parts)}) as rows
        {f"cross join {of_one}" if len(files) == 1 else "join files using (_path)"}
    )"""


def _layout(file: ReadableFile) -> tuple[str, tuple[tuple[str, str], ...]]:
    return file.format.value, tuple(file.columns.items())


def _scan(connection: duckdb.DuckDBPyConnection, table: str, files: list[ReadableFile], columns: list[str]) -> str:
    """Makes the temp table of files of one layout; returns the query of c0, c1 …, `_path`, `_row` and `_element`."""
    cells = "".join(f"c{number}, " for number in range(len(columns)))
    match files[0].format:
        case FileFormat.CSV:
            scan_csv(connection, table, files, columns)
            numbered = numbered_rows(
                table,
                str(files[0].path) if len(files) == 1 else None,
                has_header=not files[0].terms.text.names,
                has_broken=_has_rows(connection, "broken_rows"),
                has_left_out=any(file.left_out for file in files),
            )
            return f"select {cells}_path, _row, null as _element from ({numbered})"
        case FileFormat.PARQUET:
            scan_parquet(connection, table, files, columns)
        case _:
            scan_documents(connection, table, files, columns)
    element = "null as _element" if files[0].terms.each is None else "_element"
    return f"select {cells}_path, _row, {element} from {table}"


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(connection.execute(f"select 1 from {table} limit 1").fetchall())
