"""Puts guarded batches into the raw tables: one transaction, replacing exactly the days read, noting what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, GuardedBatch
from orchestration.ingest.loading.calendar import note_calendar
from orchestration.ingest.loading.deletions import note_exports, refresh_deletions
from orchestration.ingest.loading.records import log_load, note_source, replace_quarantine
from orchestration.ingest.loading.renames import MERGED, RENAMED, refresh_surviving_ids
from orchestration.ingest.loading.touched_days import touch_changed_keys, touch_renamed_ids
from orchestration.ingest.loading.warehouse import BATCH_COLUMNS
from orchestration.ingest.quoting import parquet_relation

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
        note_source(connection, profile, days)
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
    replace_quarantine(connection, source, days, batch, store)
    warnings = note_exports(connection, profile, days, entity, batch.counts)
    gone_or_back = refresh_deletions(connection, profile, batch.contract)
    loaded = log_load(connection, source, days, batch, load_id)
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
    without = f" anti join {parquet_relation(refused)} as refused using (_export_date, _file, _row)" if refused else ""
    connection.execute(
        f"create or replace temp view incoming as select {names} from {parquet_relation(paths)} as typed{without}"
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
