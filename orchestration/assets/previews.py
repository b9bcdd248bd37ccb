"""Metadata that people read in the web UI: counts, what was quarantined and why, a few rows. Never a private value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from expectations.failing_rows import hidden_columns
from expectations.results import ExpectationResult, GuardResult
from expectations.rules import Severity
from models.contracts import Contract
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.quoting import column_name, parquet_relation, text_literal

_ROWS_SHOWN = 2
_SAMPLES_SHOWN = 3
_REASONS_SHOWN = 20
_LONGEST_TEXT = 400


@dataclass(frozen=True)
class TimedRead:
    """A reading and how long it took."""

    read: EntityRead
    seconds: float


def counts_table(reads: Sequence[TimedRead], results: Sequence[GuardResult]) -> dg.TableMetadataValue:
    """One row per entity: `read = to load + quarantined`."""
    refused = {result.entity: result.rows_to_quarantine for result in results}
    return _table(
        ("entity", "files", "read", "to_load", "quarantined", "seconds"),
        (
            (
                timed.read.entity,
                len(timed.read.files),
                timed.read.rows_read,
                timed.read.rows_read - bad,
                bad,
                round(timed.seconds, 2),
            )
            for timed in reads
            for bad in [timed.read.rows_quarantined + refused.get(timed.read.entity, 0)]
        ),
    )


def quarantine_table(store: BatchStore, source: str, counts: Iterable[tuple[str, list[date]]]) -> dg.TableMetadataValue:
    """Why rows of these days were quarantined, the commonest reason first, each with the first row as an example."""
    parts = [
        f"select {text_literal(entity)} as entity, _file, _row, column_name, rule from {parquet_relation(paths)}"
        for entity, days in counts
        for paths in (store.quarantine_paths(source, entity, days), store.refused_paths(source, entity, days))
        if paths
    ]
    columns = ("rows", "where", "why", "example")
    if not parts:
        return _table(columns, [])
    query = f"""
        select count(distinct (_file, _row)) as rows, concat_ws('.', entity, column_name) as place,
            replace(rule, '_', ' '), arg_min(_file || ' row ' || _row, (_file, _row))
        from ({" union all ".join(parts)})
        group by place, rule order by rows desc, place, rule limit {_REASONS_SHOWN}
        """
    with duckdb.connect() as connection:
        return _table(columns, connection.execute(query).fetchall())


def batch_rows(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], contract: Contract
) -> dg.TableMetadataValue:
    """The first typed rows of a batch."""
    return rows_of(connection, f"{parquet_relation(paths)} limit {_ROWS_SHOWN}" if paths else None, contract)


def rows_of(connection: duckdb.DuckDBPyConnection, relation: str | None, contract: Contract) -> dg.TableMetadataValue:
    """A few rows, standing upright: a table of twenty columns would be cut off by the page.

    The columns that a contract declares private are left out, and pay.
    """
    hidden = hidden_columns(contract)
    columns = [name for name in contract.stored_columns if name not in hidden]
    values = ", ".join(f"coalesce({column_name(name)}::varchar, '')" for name in columns)
    rows = (
        connection.execute(f"select _file || ' row ' || _row, {values} from {relation}").fetchall() if relation else []
    )
    headings = ["column", *(f"example_{number}" for number in range(1, len(rows) + 1))]
    return _table(headings, zip(["", *columns], *rows, strict=True) if rows else [])


def latest_rows(connection: duckdb.DuckDBPyConnection, contract: Contract) -> dg.TableMetadataValue:
    """A few of the rows that the last load of an entity brought into the warehouse."""
    table = f"raw.{contract.entity}"
    relation = f"{table} where _load_id = (select max(_load_id) from {table}) limit {_ROWS_SHOWN}"
    return rows_of(connection, relation, contract)


def failures_table(failed: Sequence[ExpectationResult]) -> dg.TableMetadataValue:
    """Failed expectations, what blocks first, with where the first failing rows are; private values are not shown."""
    by_severity = list(Severity)
    return _table(
        ("severity", "expectation", "failed", "first_failing_rows", "reason"),
        (
            (
                result.severity.value,
                result.name,
                f"{result.rows_failed:,} of {result.rows_checked:,}",
                "; ".join(str(sample) for sample in result.sample_rows[:_SAMPLES_SHOWN]),
                result.reason,
            )
            for result in sorted(failed, key=lambda result: by_severity.index(result.severity))
        ),
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dg.TableMetadataValue:
    records = [dg.TableRecord(dict(zip(columns, map(_shortened, row), strict=True))) for row in rows]
    # Without rows Dagster cannot tell the columns.
    schema = dg.TableSchema([dg.TableColumn(name) for name in columns])
    return dg.MetadataValue.table(records, schema=schema)


def _shortened(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > _LONGEST_TEXT
    return f"{value[:_LONGEST_TEXT]}…" if is_long else value
