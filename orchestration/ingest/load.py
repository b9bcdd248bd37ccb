"""Puts guarded batches into the raw tables: one transaction, replacing exactly the days read, noting what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.results import GuardResult
from models.contracts import ColumnType, Contract
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, DayCount, counted_by_file
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.warehouse import BATCH_COLUMNS, OPS_TABLES


@dataclass(frozen=True)
class EntityLoad:
    """Rows of one entity over the days of a load: `read = loaded + quarantined`."""

    entity: str
    rows_read: int
    rows_loaded: int
    rows_changed: int

    @property
    def rows_quarantined(self) -> int:
        return self.rows_read - self.rows_loaded


@dataclass(frozen=True)
class GuardedBatch:
    """What the loader needs of one entity: what was read of it on which days."""

    contract: Contract
    counts: list[DayCount]

    @property
    def days(self) -> list[date]:
        return sorted({count.day for count in self.counts})


def load_batches(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    days: list[date],
    batches: list[GuardedBatch],
    store: BatchStore,
) -> list[EntityLoad]:
    """Replaces `days` of the profile's source in the raw tables by `batches`; all or nothing.

    An entity without files delivered nothing on these days: what an earlier issue of them held is removed.
    """
    connection.begin()
    try:
        row = connection.execute("select nextval('ops.load_ids')").fetchone()
        load_id = int(row[0]) if row else 0
        _note_source(connection, profile, days, {batch.contract.entity: batch.contract for batch in batches})
        loads = [_load_entity(connection, profile.source, days, batch, store, load_id) for batch in batches]
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return loads


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


def _note_source(
    connection: duckdb.DuckDBPyConnection, profile: Profile, days: list[date], contracts: dict[str, Contract]
) -> None:
    connection.execute("delete from ops.source_inputs where _source = ?", [profile.source])
    provided = [
        [profile.source, entity, column, profile.provides(entity, column)]
        for entity, contract in contracts.items()
        for column in contract.columns
    ]
    _insert(connection, "source_inputs", provided)
    connection.execute(
        "delete from ops.export_days where _source = ? and export_date in (select unnest(?))", [profile.source, days]
    )
    _insert(connection, "export_days", [[profile.source, day] for day in days])


def _load_entity(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    days: list[date],
    batch: GuardedBatch,
    store: BatchStore,
    load_id: int,
) -> EntityLoad:
    entity = batch.contract.entity
    stored = list(batch.contract.stored_columns)
    _incoming_rows(connection, source, days, batch, store)
    changed = _changed_rows(connection, source, days, entity, stored)
    if changed:
        parameters = [source, days]
        connection.execute(
            f"delete from raw.{entity} where _source = ? and _export_date in (select unnest(?))", parameters
        )
        connection.execute(f"insert into raw.{entity} by name select *, {load_id} as _load_id from incoming")
        _touch_days(connection, batch.contract, source, load_id)
    _replace_quarantine(connection, source, days, batch, store)
    loaded = _log(connection, source, days, batch, load_id)
    read = sum(count.rows_read for count in batch.counts)
    connection.execute("drop table incoming; drop table changed")
    return EntityLoad(entity, read, loaded, changed)


def _incoming_rows(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], batch: GuardedBatch, store: BatchStore
) -> None:
    """Temp table `incoming`: the batch less what the guard refused."""
    entity = batch.contract.entity
    names = ", ".join([*batch.contract.stored_columns, *BATCH_COLUMNS])
    paths = store.paths(source, entity, batch.days)
    if not paths:
        connection.execute(f"create or replace temp table incoming as select {names} from raw.{entity} limit 0")
        return
    refused = store.refused_paths(source, entity, batch.days)
    without = f" anti join {_parquet(refused)} as refused using (_export_date, _file, _row)" if refused else ""
    connection.execute(
        f"create or replace temp table incoming as select {names} from {_parquet(paths)} as typed{without}"
    )


def _changed_rows(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], entity: str, stored: list[str]
) -> int:
    """Temp table `changed`: rows new, gone or different since these days were last loaded. Returns how many."""
    names = ", ".join([*stored, *BATCH_COLUMNS])
    connection.execute(
        f"""
        create or replace temp table changed as
        with current_rows as materialized (
            select {names} from raw.{entity}
            where _source = $source and _export_date in (select unnest($days))
        )
        (select {names} from incoming except select {names} from current_rows)
        union all
        (select {names} from current_rows except select {names} from incoming)
        """,
        {"source": source, "days": days},
    )
    row = connection.execute("select count(*) from changed").fetchone()
    return int(row[0]) if row else 0


def _touch_days(connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, load_id: int) -> None:
    """Notes the days of every version of every changed key: the one it left and the one it came to.

    A moment is UTC, its local day may be the one before or after; a day too many is rebuilt to the same rows.
    """
    if contract.day is None:
        return
    is_moment = contract.columns[contract.day].type is ColumnType.TIMESTAMP
    clinic = "versions.clinic_id" if "clinic_id" in contract.columns else "null"
    keys = " and ".join(f"versions.{name} = changed_keys.{name}" for name in contract.key)
    connection.execute(
        f"""
        insert into ops.touched_days by name
        with changed_keys as (select distinct {", ".join(contract.key)} from changed),
        versions as (
            select * exclude (_load_id) from raw.{contract.entity} where _source = $source
            union all by name
            select * from changed
        ),
        days as (
            select {clinic} as clinic_id, versions.{contract.day}::date as local_date
            from versions join changed_keys on {keys}
            where versions.{contract.day} is not null
        )
        select distinct '{contract.entity}' as entity, $source as _source, clinic_id,
            local_date + step::integer as local_date, $load_id as _load_id
        from days, unnest({"[-1, 0, 1]" if is_moment else "[0]"}) as steps(step)
        """,
        {"source": source, "load_id": load_id},
    )


def _replace_quarantine(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], batch: GuardedBatch, store: BatchStore
) -> None:
    entity = batch.contract.entity
    connection.execute(
        "delete from ops.quarantine where _source = ? and entity = ? and _export_date in (select unnest(?))",
        [source, entity, days],
    )
    unreadable = store.quarantine_paths(source, entity, days)
    if unreadable:
        connection.execute(f"insert into ops.quarantine by name select * from {_parquet(unreadable)}")
    refused = store.refused_paths(source, entity, batch.days)
    if refused:
        connection.execute(
            f"""
            insert into ops.quarantine by name
            select '{source}' as _source, '{entity}' as entity, 'guard' as stage,
                _export_date, _file, _row, column_name, value, rule, reason
            from {_parquet(refused)}
            """
        )


def _log(
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


def _insert(connection: duckdb.DuckDBPyConnection, ops_table: str, rows: list[list[Any]]) -> None:
    insert_rows(connection, f"ops.{ops_table}", list(OPS_TABLES[ops_table]), rows)


def _parquet(paths: Iterable[Path]) -> str:
    listed = ", ".join(text_literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"
