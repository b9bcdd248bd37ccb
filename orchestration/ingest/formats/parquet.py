"""Reads Parquet: names of its columns, and their values as the text that the same MIS would have written."""

from __future__ import annotations

from pathlib import Path

import duckdb

from models.file_terms import TableTerms
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.quoting import column_name, text_literal
from orchestration.ingest.refusal import ExportRefused

_FRACTIONS = ("DOUBLE", "FLOAT")


def parquet_columns(landed: LandedFile, path: Path) -> dict[str, str]:
    """Name → SQL type of each column.

    Raises:
        ExportRefused: it is no Parquet file.
    """
    try:
        with duckdb.connect() as connection:
            described = connection.execute(f"describe select * from read_parquet({text_literal(str(path))})").fetchall()
    except duckdb.Error:
        raise ExportRefused([landed.problem("the file is no readable Parquet", "Export or copy it again")]) from None
    return {name: sql_type for name, sql_type, *_ in described}


def cell_text(name: str, sql_type: str, terms: TableTerms, booleans: dict[str, list[str]]) -> str:
    """SQL of a column's text. Moments are written by ISO 8601, which the reader of typed files always understands."""
    column = column_name(name)
    if sql_type == "VARCHAR":
        return column
    if sql_type == "BOOLEAN":
        yes, no = (text_literal(booleans[word][0]) for word in ("true", "false"))
        return f"case when {column} then {yes} when not {column} then {no} end"
    if sql_type in _FRACTIONS:
        # Fifteen digits are what a double holds; the rest is binary noise.
        return _with_mark(f"cast(try_cast({column} as decimal(38,10)) as varchar)", terms)
    if sql_type.startswith("DECIMAL"):
        return _with_mark(f"cast({column} as varchar)", terms)
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {column}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if sql_type.startswith("TIMESTAMP"):
        return f"strftime(cast({column} as timestamp), '%Y-%m-%dT%H:%M:%S.%f')"
    return f"cast({column} as varchar)"


def _with_mark(text: str, terms: TableTerms) -> str:
    mark = terms.text.decimal_mark
    return text if mark == "." else f"replace({text}, '.', {text_literal(mark)})"
