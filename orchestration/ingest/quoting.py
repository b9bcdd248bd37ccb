"""Names, texts and files as SQL writes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def column_name(name: str) -> str:
    """`name` as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def escaped(text: str) -> str:
    """`text` as it stands inside a SQL text."""
    return text.replace("'", "''")


def text_literal(text: str) -> str:
    """`text` as a SQL text."""
    return f"'{escaped(text)}'"


def parquet_relation(paths: Iterable[Path]) -> str:
    """The rows of Parquet files, whatever their folders are called."""
    return f"read_parquet([{', '.join(text_literal(str(path)) for path in paths)}], hive_partitioning = false)"
