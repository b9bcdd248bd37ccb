"""Reads UTF-8 CSV files of one entity with DuckDB into one table of text, every row with its place in the export."""

from __future__ import annotations

from operator import attrgetter

import duckdb

from models.sources import Profile
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.mapping import PLACE
from orchestration.ingest.quoting import column_name, text_literal
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.text import ReadableFile


def create_source_rows(
    connection: duckdb.DuckDBPyConnection, readable: list[ReadableFile], profile: Profile, used: list[str]
) -> None:
    """Temp tables: `source_rows` (text, and where it stands), `broken_rows` (lines that are no records)."""
    connection.execute("create or replace temp table broken_rows (_csv_path varchar, _row bigint, reason varchar)")
    connection.execute("create or replace temp table files (_csv_path varchar, _export_date date, _file varchar)")
    names = [[str(file.csv_path), file.landed.day, file.landed.name] for file in readable]
    insert_rows(connection, "files", ("_csv_path", "_export_date", "_file"), names)
    for table, numbers_of in (("empty_lines", attrgetter("empty_lines")), ("empty_rows", attrgetter("empty_rows"))):
        connection.execute(f"create or replace temp table {table} (_csv_path varchar, _row bigint)")
        rows = [[str(file.csv_path), row] for file in readable for row in numbers_of(file)]
        insert_rows(connection, table, ("_csv_path", "_row"), rows)
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
            [{", ".join(text_literal(str(file.csv_path)) for file in files)}],
            auto_detect = false, header = true, columns = {{{columns}}}, filename = '_csv_path',
            delim = {text_literal(profile.text.delimiter)},
            quote = {text_literal(profile.text.quote)}, escape = {text_literal(profile.text.quote)},
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
    columns = "".join(f"rows.c{number} as {column_name(name)}, " for number, name in used.items())
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
