"""Puts guarded batches into the raw tables: one transaction, replacing exactly the days read, noting what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.results import GuardResult
from models.contracts import Contract, EntityKind, load_contracts
from models.row_keys import row_key
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, DayCount, counted_by_file
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.loading.calendar import note_calendar
from orchestration.ingest.loading.deletions import note_exports, refresh_deletions
from orchestration.ingest.loading.renames import MERGED, RENAMED, refresh_surviving_ids
from orchestration.ingest.loading.touched_days import touch_changed_keys, touch_renamed_ids
from orchestration.ingest.loading.warehouse import BATCH_COLUMNS, OPS_TABLES
from orchestration.ingest.quoting import text_literal

_CLINICS = "clinics"
# Temp views and tables of the entity that is being loaded.
_VIEWS = ("incoming", "changed")
_TABLES = ("replaced", "differences", "deletions_before", "deletions_changed")


@dataclass(frozen=True)
class EntityLoad:
    """Rows of one entity over the days of a load: `read = loaded + quarantined`."""

    entity: str
    rows_read: int
    rows_loaded: int
    rows_changed: int
    keys_gone_or_back: int = 0
    warnings: tuple[str, ...] = ()

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
        loads = []
        for batch in batches:
            loads.append(_load_entity(connection, profile, days, batch, store, load_id))
            touch_changed_keys(connection, batch.contract, profile.source, load_id)
        _note_source(connection, profile, days)
        for name in _VIEWS:
            connection.execute(f"drop view if exists {name}")
        for name in _TABLES:
            connection.execute(f"drop table if exists {name}")
        loads = _follow_renames(connection, profile.source, loads, load_id)
        loads = _with_warnings(loads, _CLINICS, note_calendar(connection, profile, load_id))
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


def _note_source(connection: duckdb.DuckDBPyConnection, profile: Profile, days: list[date]) -> None:
    """What the source delivers: what its profile maps, but for reference data of which no export has held a row.

    A profile may map opening hours that nobody keeps: rooms would be open for 0 hours, though nobody has said so.
    """
    connection.execute("delete from ops.source_inputs where _source = ?", [profile.source])
    provided = [
        [profile.source, entity, column, is_held and profile.provides(entity, column), profile.assumes(entity, column)]
        for entity, contract in load_contracts().items()
        for is_held in [contract.kind is EntityKind.FACT or _has_rows(connection, f"raw.{entity}", profile.source)]
        for column in contract.columns
    ]
    _insert(connection, "source_inputs", provided)
    connection.execute(
        "delete from ops.export_days where _source = ? and export_date in (select unnest(?))", [profile.source, days]
    )
    _insert(connection, "export_days", [[profile.source, day] for day in days])


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str, source: str) -> bool:
    return bool(connection.execute(f"select 1 from {table} where _source = ? limit 1", [source]).fetchall())


def _follow_renames(
    connection: duckdb.DuckDBPyConnection, source: str, loads: list[EntityLoad], load_id: int
) -> list[EntityLoad]:
    """Once everything is in place: which ids survive, and the days of rows that name another one than before."""
    moved = {load.entity for load in loads if load.rows_changed or load.keys_gone_or_back}
    if moved.isdisjoint((MERGED, RENAMED)):
        return loads
    warnings = refresh_surviving_ids(connection, source)
    touch_renamed_ids(connection, source, load_id)
    connection.execute("drop table ids_changed; drop table ids_regrouped")
    return [replace(load, warnings=warnings.get(load.entity, ()) + load.warnings) for load in loads]


def _with_warnings(loads: list[EntityLoad], entity: str, warnings: list[str]) -> list[EntityLoad]:
    return [replace(load, warnings=(*load.warnings, *warnings)) if load.entity == entity else load for load in loads]


def _load_entity(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    days: list[date],
    batch: GuardedBatch,
    store: BatchStore,
    load_id: int,
) -> EntityLoad:
    """Leaves the temp views and tables `_VIEWS` and `_TABLES`."""
    source, entity = profile.source, batch.contract.entity
    stored = list(batch.contract.stored_columns)
    _incoming_rows(connection, source, days, batch, store)
    changed = _changed_rows(connection, source, days, entity, stored)
    if changed:
        parameters = [source, days]
        connection.execute(
            f"delete from raw.{entity} where _source = ? and _export_date in (select unnest(?))", parameters
        )
        connection.execute(f"insert into raw.{entity} by name select *, {load_id} as _load_id from incoming")
    _replace_quarantine(connection, source, days, batch, store)
    warnings = note_exports(connection, profile, days, entity, batch.counts)
    gone_or_back = refresh_deletions(connection, profile, batch.contract)
    loaded = _log(connection, source, days, batch, load_id)
    read = sum(count.rows_read for count in batch.counts)
    return EntityLoad(entity, read, loaded, changed, gone_or_back, tuple(warnings))


def _incoming_rows(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], batch: GuardedBatch, store: BatchStore
) -> None:
    """Temp view `incoming`: the batch less what the guard refused."""
    entity = batch.contract.entity
    names = ", ".join([*batch.contract.stored_columns, *BATCH_COLUMNS])
    paths = store.paths(source, entity, batch.days)
    if not paths:
        connection.execute(f"create or replace temp view incoming as select {names} from raw.{entity} limit 0")
        return
    refused = store.refused_paths(source, entity, batch.days)
    without = f" anti join {_parquet(refused)} as refused using (_export_date, _file, _row)" if refused else ""
    connection.execute(
        f"create or replace temp view incoming as select {names} from {_parquet(paths)} as typed{without}"
    )


def _changed_rows(
    connection: duckdb.DuckDBPyConnection, source: str, days: list[date], entity: str, stored: list[str]
) -> int:
    """Temp table `replaced`, these days before; view `changed`, rows new, gone or different. Returns how many."""
    names = ", ".join([*stored, *BATCH_COLUMNS])
    connection.execute(
        f"""
        create or replace temp table replaced as
        select {names} from raw.{entity} where _source = ? and _export_date in (select unnest(?))
        """,
        [source, days],
    )
    if _count(connection, "replaced"):
        connection.execute(
            f"""
            create or replace temp table differences as
            (select {names} from incoming except from replaced)
            union all
            (from replaced except select {names} from incoming)
            """
        )
        connection.execute("create or replace temp view changed as from differences")
    else:
        connection.execute("create or replace temp view changed as from incoming")
    return _count(connection, "changed")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


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
        typed = _parquet(store.paths(source, entity, batch.days))
        connection.execute(
            f"""
            insert into ops.quarantine by name
            select '{source}' as _source, '{entity}' as entity, 'guard' as stage, keys._key,
                _export_date, _file, _row, column_name, value, rule, reason
            from {_parquet(refused)} as refused
            join (select _export_date, _file, _row, {row_key(batch.contract)} as _key from {typed}) as keys
                using (_export_date, _file, _row)
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
