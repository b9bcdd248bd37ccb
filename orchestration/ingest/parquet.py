"""Turns a Parquet file of text columns into CSV, so that one reader serves both."""

from __future__ import annotations

from pathlib import Path

import duckdb

from models.sources import Profile
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused


def parquet_as_csv(landed: LandedFile, profile: Profile, csv_path: Path) -> None:
    """Writes the file as UTF-8 CSV; an empty cell is NULL.

    Raises:
        ExportRefused: it is no Parquet file.
    """
    source, target = text_literal(str(landed.path)), text_literal(str(csv_path))
    rows = f"select * from read_parquet({source}, hive_partitioning = false)"
    options = f"delimiter {text_literal(profile.text.delimiter)}, quote {text_literal(profile.text.quote)}"
    with duckdb.connect() as connection:
        try:
            connection.execute(f"copy ({rows}) to {target} (format csv, header, {options})")
        except (duckdb.IOException, duckdb.InvalidInputException):
            raise ExportRefused([landed.problem("the file is no Parquet, or damaged", "Land it again")]) from None
