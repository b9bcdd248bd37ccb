"""Scans UTF-8 CSV files with DuckDB into a table of text; lines that are no records are kept aside."""

from __future__ import annotations

import duckdb

from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused, FileProblem


def scan_csv(connection: duckdb.DuckDBPyConnection, table: str, files: list[ReadableFile], names: list[str]) -> None:
    """Makes `table` (c0, c1 … of `names`, `_path`) of files with one header; adds to `broken_rows`.

    Raises:
        ExportRefused: a file cannot be read as CSV, or a quote is never closed.
    """
    header, text = files[0].header, files[0].terms.text
    # Read by position and named afterwards: a header may hold names that DuckDB or we have another use for.
    columns = ", ".join(f"'h{number}': 'VARCHAR'" for number in range(len(header)))
    wanted = ", ".join([*(f"h{header.index(name)} as c{number}" for number, name in enumerate(names)), "_path"])
    query = f"""
        create temp table {table} as
        select {wanted}
        from read_csv(
            [{", ".join(text_literal(str(file.path)) for file in files)}],
            auto_detect = false, header = true, columns = {{{columns}}}, filename = '_path',
            delim = {text_literal(text.delimiter)},
            quote = {text_literal(text.quote)}, escape = {text_literal(text.quote)},
            store_rejects = true, rejects_limit = 0
        )
        """
    try:
        connection.execute(query)
    except duckdb.InvalidInputException as error:
        reason = f"the file cannot be read as CSV ({str(error).splitlines()[0]})"
        suspects = [file for file in files if str(file.path) in str(error)] or files
        raise ExportRefused([file.landed.problem(reason, "Export it again") for file in suspects]) from None
    connection.execute(
        """
        insert into broken_rows
        select scans.file_path, errors.line, min(errors.error_message)
        from reject_errors as errors
        join reject_scans as scans using (scan_id, file_id)
        group by scans.file_path, errors.line
        """
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
    connection.execute("drop table reject_errors; drop table reject_scans")
    if unclosed:
        landed = {str(file.path): file.landed for file in files}
        raise ExportRefused([_unclosed_quote(landed[path], row) for path, row in unclosed])


def _unclosed_quote(landed: LandedFile, row: int) -> FileProblem:
    reason = "a quote is opened and not closed where the value ends, so that the rows behind it cannot be told apart"
    return landed.problem(reason, "Close the quote, or double it if it is part of the text", row)
