"""Scans Parquet files into a table of text."""

from __future__ import annotations

import duckdb

from orchestration.ingest.formats.parquet import cell_text
from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused


def scan_parquet(
    connection: duckdb.DuckDBPyConnection, table: str, files: list[ReadableFile], names: list[str]
) -> None:
    """Makes `table` (c0, c1 … of `names`, `_path`, `_row`) of files with the same columns. The first row is 1.

    Raises:
        ExportRefused: a file is damaged.
    """
    columns, terms, booleans = files[0].columns, files[0].terms, files[0].landed.profile.booleans
    wanted = "".join(
        f"{cell_text(name, columns[name], terms, booleans)} as c{number}, " for number, name in enumerate(names)
    )
    paths = ", ".join(text_literal(str(file.path)) for file in files)
    query = f"""
        create temp table {table} as
        select {wanted}__triune_path as _path, file_row_number + 1 as _row
        from read_parquet([{paths}], filename = '__triune_path', file_row_number = true, hive_partitioning = false)
        """
    try:
        connection.execute(query)
    except duckdb.Error as error:
        suspects = [file for file in files if str(file.path) in str(error)] or files
        reason = "the Parquet file is damaged: its rows cannot be unpacked"
        raise ExportRefused([file.landed.problem(reason, "Export or copy it again") for file in suspects]) from None
