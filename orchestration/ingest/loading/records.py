"""Keeps in the ops tables what became of a load: counts of each file, quarantine, verdicts, what a source delivers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from expectations.results import GuardResult
from models.contracts import EntityKind, load_contracts
from models.row_keys import row_key
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, GuardedBatch, counted_by_file
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.loading.warehouse import OPS_TABLES
from orchestration.ingest.quoting import parquet_relation


def record_checks(connection: duckdb.DuckDBPyConnection, results: Iterable[GuardResult]) -> None:
    """Keeps the last verdict of each expectation on each range of days, also of days that were blocked."""
    for result in results:
        rows = result.check_rows()
        span = [rows[0][name] for name in ("_source", "entity", "first_date", "last_date")]
        connection.execute(
            "delete from ops.check_results where _source = ? and entity = ? and first_date = ? and last_date = ?", span
        )
        names = list(OPS_TABLES["check_results"])
        _insert(connection, "check_results", [[row[name] for name in names] for row in rows])


def forget_touched_days(connection: duckdb.DuckDBPyConnection, up_to_load_id: int) -> None:
    """Called when the facts of these days have been rebuilt."""
    connection.execute("delete from ops.touched_days where _load_id <= ?", [up_to_load_id])


def last_load_id(connection: duckdb.DuckDBPyConnection) -> int:
    """Id of the newest load; 0 before the first."""
    row = connection.execute("select coalesce(max(_load_id), 0) from ops.load_log").fetchone()
    return int(row[0]) if row else 0


def note_source(connection: duckdb.DuckDBPyConnection, profile: Profile, days: list[date]) -> None:
    """What the source delivers: what its profile maps, but for reference data of which no export has held a row.

    A profile may map opening hours that nobody keeps: rooms would be open for 0 hours, though nobody has said so.
    """
    connection.execute("delete from ops.source_inputs where _source = ?", [profile.source])
    provided = [
        [profile.source, entity, name, is_held and profile.provides(entity, name), profile.assumes(entity, name)]
        for entity, contract in load_contracts().items()
        for is_held in [contract.kind is EntityKind.FACT or _has_rows(connection, f"raw.{entity}", profile.source)]
        for name in contract.inputs
    ]
    _insert(connection, "source_inputs", provided)
    connection.execute(
        "delete from ops.export_days where _source = ? and export_date in (select unnest(?))", [profile.source, days]
    )
    _insert(connection, "export_days", [[profile.source, day] for day in days])


def replace_quarantine(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], batch: GuardedBatch, store: BatchStore
) -> None:
    """What the reader and the guard put aside on these days, instead of what they put aside before."""
    entity = batch.contract.entity
    connection.execute(
        "delete from ops.quarantine where _source = ? and entity = ? and _export_date in (select unnest(?))",
        [source, entity, days],
    )
    unreadable = store.quarantine_paths(source, entity, days)
    if unreadable:
        connection.execute(f"insert into ops.quarantine by name select * from {parquet_relation(unreadable)}")
    refused = store.refused_paths(source, entity, batch.days)
    if refused:
        typed = parquet_relation(store.paths(source, entity, batch.days))
        connection.execute(
            f"""
            insert into ops.quarantine by name
            select '{source}' as _source, '{entity}' as entity, 'guard' as stage, keys._key,
                _export_date, _file, _row, column_name, value, rule, reason
            from {parquet_relation(refused)} as refused
            join (select _export_date, _file, _row, {row_key(batch.contract)} as _key from {typed}) as keys
                using (_export_date, _file, _row)
            """
        )


def log_load(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], batch: GuardedBatch, load_id: int
) -> int:
    """Replaces the log of these days; returns the number of rows loaded."""
    entity = batch.contract.entity
    rows = connection.execute("select _export_date, _file, count(*) from incoming group by all").fetchall()
    loaded = counted_by_file(rows, batch.counts)
    connection.execute(
        "delete from ops.load_log where _source = ? and entity = ? and export_date in (select unnest(?))",
        [source, entity, days],
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    entries = [
        [
            load_id,
            source,
            entity,
            count.day,
            count.file,
            count.version.size,
            count.version.modified_ns,
            count.version.sha256,
            count.rows_read,
            loaded[count.day, count.file],
            count.rows_read - loaded[count.day, count.file],
            now,
        ]
        for count in batch.counts
    ]
    _insert(connection, "load_log", entries)
    connection.execute(
        "delete from ops.file_columns where _source = ? and entity = ? and export_date in (select unnest(?))",
        [source, entity, days],
    )
    columns = [[source, entity, count.day, *column] for count in batch.counts for column in count.columns]
    _insert(connection, "file_columns", columns)
    return sum(loaded.values())


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str, source: str) -> bool:
    return bool(connection.execute(f"select 1 from {table} where _source = ? limit 1", [source]).fetchall())


def _insert(connection: duckdb.DuckDBPyConnection, ops_table: str, rows: list[list[Any]]) -> None:
    insert_rows(connection, f"ops.{ops_table}", list(OPS_TABLES[ops_table]), rows)
