"""Asks a database for the rows of one entity and writes them as Parquet of text, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from models.contracts import Contract, Privacy
from models.source_terms import EntityMapping
from orchestration.ingest.database.cells import text_array
from orchestration.ingest.database.cursor_window import CursorKind, CursorValue, Window, kind_of
from orchestration.ingest.mapping.origins import columns_used

_CHUNK = 20_000  # rows that are held in memory at a time
# A file must have a column, even if a profile maps nothing but constants.
_NO_COLUMN = "1"
_TYPES: dict[CursorKind, sa.types.TypeEngine[Any]] = {
    CursorKind.INSTANT: sa.DateTime(timezone=True),
    CursorKind.WALL_CLOCK: sa.DateTime(),
    CursorKind.DATE: sa.Date(),
    CursorKind.NUMBER: sa.BigInteger(),
}


def cursor_kind(connection: sa.Connection, mapping: EntityMapping) -> CursorKind | None:
    """What the cursor tells, by one of its values; None if it has no value yet.

    Raises:
        CursorError: it cannot tell what has changed.
    """
    cursor: sa.ColumnClause[Any] = sa.column(mapping.cursor or "")
    query = sa.select(cursor).select_from(_relation(mapping)).where(cursor.is_not(None)).limit(1)
    value = connection.execute(query).scalar()
    return None if value is None else kind_of(value)


def write_rows(
    connection: sa.Connection,
    mapping: EntityMapping,
    contract: Contract,
    kind: CursorKind | None,
    window: Window,
    path: Path,
) -> tuple[int, CursorValue | None]:
    """Writes the rows of `window` to `path`; returns how many there are, and the newest value of the cursor.

    Raises:
        UnreadableCellsError: a column has no text.
    """
    asked, withheld = _columns(mapping, contract)
    schema = pa.schema([(name, pa.string()) for name in [*(asked or [_NO_COLUMN]), *withheld]])
    query = _select(mapping, asked, kind, window)
    rows, newest = 0, None
    with (
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
        connection.execute(query, execution_options={"yield_per": _CHUNK}) as result,
    ):
        for chunk in result.partitions():
            cells = list(zip(*chunk, strict=True))
            if kind is not None:
                newest = _newest(newest, kind, cells.pop())
            arrays = [text_array(name, column) for name, column in zip(schema.names, cells, strict=False)]
            arrays += [pa.nulls(len(chunk), pa.string())] * len(withheld)
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            rows += len(chunk)
    return rows, newest


def _columns(mapping: EntityMapping, contract: Contract) -> tuple[list[str], list[str]]:
    """Columns to ask for, and those that land empty: the contract drops what is made of them, so they stay at home."""
    kept = {
        name: column for name, column in mapping.columns.items() if contract.columns[name].privacy is not Privacy.DROP
    }
    used, asked = columns_used(mapping).own, columns_used(mapping.model_copy(update={"columns": kept})).own
    return asked, [name for name in used if name not in asked]


def _relation(mapping: EntityMapping) -> sa.FromClause | sa.TextClause:
    if mapping.table is not None:
        schema, _, name = mapping.table.rpartition(".")
        return sa.table(name, schema=schema or None)
    # A colon would begin a parameter; a comment may end the query.
    query = (mapping.query or "").strip().rstrip(";").replace(":", "\\:")
    return sa.text(f"({query}\n) q")


def _select(mapping: EntityMapping, asked: list[str], kind: CursorKind | None, window: Window) -> sa.Select[Any]:
    columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in asked] or [sa.literal_column(_NO_COLUMN)]
    if kind is None:
        return sa.select(*columns).select_from(_relation(mapping))
    cursor = sa.column(mapping.cursor or "", _TYPES[kind])
    query = sa.select(*columns, sa.column(mapping.cursor or "")).select_from(_relation(mapping))
    bounds = [cursor >= window.since] if window.since is not None else []
    bounds += [cursor < window.until] if window.until is not None else []
    # Nobody can tell when a row without a value was changed: it is read every day rather than never.
    return query.where(sa.or_(sa.and_(*bounds), cursor.is_(None))) if bounds else query


def _newest(newest: Any, kind: CursorKind, cells: Sequence[Any]) -> CursorValue | None:
    found = [cell for cell in cells if cell is not None]
    if not found:
        return newest
    largest = max(found)
    if kind is CursorKind.NUMBER:
        largest = int(largest)
    elif isinstance(largest, datetime) and largest.tzinfo:
        largest = largest.astimezone(UTC)
    return largest if newest is None else max(newest, largest)
