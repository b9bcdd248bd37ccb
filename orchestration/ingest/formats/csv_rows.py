"""Scans UTF-8 CSV files with DuckDB into a table of text; lines that are no records are kept aside."""

from __future__ import annotations

import duckdb

from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.formats.broken_rows import set_broken_rows_aside
from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused

# What DuckDB takes by itself: room for the longest row, and for a buffer of many.
_ROW_BYTES, _BUFFER_BYTES = 2_000_000, 32_000_000


def scan_csv(connection: duckdb.DuckDBPyConnection, table: str, files: list[ReadableFile], names: list[str]) -> None:
    """Makes `table` (c0, c1 … of `names`; of several files `_path`) of files with one header; adds to `broken_rows`.

    Raises:
        ExportRefused: a quote is never closed, or a file cannot be read as CSV.
    """
    try:
        _scan(connection, table, files, names, _ROW_BYTES)
    except (duckdb.InvalidInputException, UnicodeDecodeError):
        # DuckDB's message quotes the line, cut to a number of bytes, which may be inside a letter.
        longest = _set_broken_rows_aside(connection, files)
        try:
            _scan(connection, table, files, names, max(longest, _ROW_BYTES))
        except (duckdb.Error, UnicodeDecodeError):
            problems = [file.landed.problem("the file cannot be read as CSV", "Export it again") for file in files]
            raise ExportRefused(problems) from None


def _set_broken_rows_aside(connection: duckdb.DuckDBPyConnection, files: list[ReadableFile]) -> int:
    """Returns the size of the longest row that is one."""
    longest = 0
    problems = []
    for file in files:
        try:
            sifted = set_broken_rows_aside(file.landed, file.terms.text, len(file.header), file.path)
        except ExportRefused as refused:
            problems += refused.problems
            continue
        broken = [[str(file.path), row, reason] for row, reason in sifted.broken.items()]
        insert_rows(connection, "broken_rows", ("_path", "_row", "reason"), broken)
        longest = max(longest, sifted.longest_row)
    if problems:
        raise ExportRefused(problems)
    return longest


def _scan(
    connection: duckdb.DuckDBPyConnection, table: str, files: list[ReadableFile], names: list[str], row_bytes: int
) -> None:
    header, text = files[0].header, files[0].terms.text
    # Read by position and named afterwards: a header may hold names that DuckDB or we have another use for.
    columns = ", ".join(f"'h{number}': 'VARCHAR'" for number in range(len(header)))
    wanted = [f"h{header.index(name)} as c{number}" for number, name in enumerate(names)]
    # Of one file the path is known, and would be copied to every row.
    path = ["_path"] if len(files) > 1 else []
    connection.execute(
        f"""
        create temp table {table} as
        select {", ".join([*wanted, *path]) or "null as nothing"}
        from read_csv(
            [{", ".join(text_literal(str(file.path)) for file in files)}],
            auto_detect = false, header = true, columns = {{{columns}}}{", filename = '_path'" if path else ""},
            delim = {text_literal(text.delimiter)},
            quote = {text_literal(text.quote)}, escape = {text_literal(text.quote)},
            max_line_size = {row_bytes}, buffer_size = {max(_BUFFER_BYTES, 2 * row_bytes)}
        )
        """
    )
