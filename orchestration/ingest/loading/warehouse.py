"""The raw and ops tables of the private warehouse: defined from the contracts. And how to open the file."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.contracts import Contract

# Written by the loader beside the contract's columns.
BATCH_COLUMNS = {
    "_source": "VARCHAR",
    "_export_date": "DATE",
    "_file": "VARCHAR",
    "_row": "BIGINT",
    "_is_deleted": "BOOLEAN",
}
LOAD_COLUMN = {"_load_id": "BIGINT"}

OPS_TABLES: dict[str, dict[str, str]] = {
    # Days whose facts must be rebuilt; emptied once dbt has rebuilt them.
    "touched_days": {
        "entity": "VARCHAR",
        "_source": "VARCHAR",
        "clinic_id": "VARCHAR",
        "local_date": "DATE",
        "_load_id": "BIGINT",
    },
    "source_inputs": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "column_name": "VARCHAR",
        "is_provided": "BOOLEAN",
        # Filled by a calendar rule of the profile where the export lacks it.
        "is_assumed": "BOOLEAN",
    },
    # What profiles declare of opening hours and shifts that nobody exports; one row per clinic, kind and weekday.
    "calendar_rules": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "clinic_id": "VARCHAR",
        "resource_kind": "VARCHAR",
        "weekday": "BIGINT",
        "opens_at": "TIME",
        "closes_at": "TIME",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "rule": "VARCHAR",
    },
    "export_days": {"_source": "VARCHAR", "export_date": "DATE"},
    # What one export of an entity is, and whether a row that it lacks is gone.
    "exports": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "export_date": "DATE",
        "mode": "VARCHAR",
        "window_column": "VARCHAR",
        "window_days": "BIGINT",
        "deletes": "BOOLEAN",
    },
    # Versions that a later export of theirs should hold and does not. Derived from raw rows, exports and quarantine.
    "deletions": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "_key": "VARCHAR",
        "last_seen_on": "DATE",
        "gone_on": "DATE",
    },
    # Merged cards and renamed ids, chains resolved. Derived from raw.patients and raw.id_changes.
    "surviving_ids": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "old_id": "VARCHAR",
        "surviving_id": "VARCHAR",
    },
    # The last reading of each file: `rows_read = rows_loaded + rows_quarantined`, always.
    "load_log": {
        "_load_id": "BIGINT",
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "export_date": "DATE",
        "file": "VARCHAR",
        "file_bytes": "BIGINT",
        "file_modified_ns": "BIGINT",
        "file_sha256": "VARCHAR",
        "rows_read": "BIGINT",
        "rows_loaded": "BIGINT",
        "rows_quarantined": "BIGINT",
        "loaded_at": "TIMESTAMP",
    },
    # The header of each file, and what the values of a column looked like in how many of the rows looked at.
    "file_columns": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "export_date": "DATE",
        "column_name": "VARCHAR",
        "kind": "VARCHAR",
        "filled": "BIGINT",
    },
    # One row per broken rule of a row that was not loaded.
    "quarantine": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "_export_date": "DATE",
        "_file": "VARCHAR",
        "_row": "BIGINT",
        # Pseudonymised like the rest of the row; empty if the row does not say it.
        "_key": "VARCHAR",
        "stage": "VARCHAR",
        "column_name": "VARCHAR",
        "value": "VARCHAR",
        "rule": "VARCHAR",
        "reason": "VARCHAR",
    },
    # The last verdict of each expectation on each range of days.
    "check_results": {
        "_source": "VARCHAR",
        "entity": "VARCHAR",
        "first_date": "DATE",
        "last_date": "DATE",
        "expectation": "VARCHAR",
        "severity": "VARCHAR",
        "reason": "VARCHAR",
        "success": "BOOLEAN",
        "rows_checked": "BIGINT",
        "rows_failed": "BIGINT",
        "sample_rows": "VARCHAR",
    },
}


# A look at the quarantine, or the end of a run, is over in a moment.
_PATIENCE_SECONDS = 5.0
_LOCKED = re.compile(r"Conflicting lock is held in (?:.*/)?(\S+) \(PID (\d+)\)")


class WarehouseOutdatedError(RuntimeError):
    """The warehouse cannot be brought to today's contracts."""


class WarehouseAwayError(RuntimeError):
    """The warehouse cannot be opened now; the message says why and what to do."""


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, closed on leaving, so that the next process of the day can open it.

    Raises:
        WarehouseAwayError: another process has it open and does not let go, or the file is damaged.
    """
    # The warehouse holds pay per employee: its folder is its owner's alone.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    connection = _connected(path, read_only, time.monotonic() + _PATIENCE_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def _connected(path: Path, read_only: bool, until: float) -> duckdb.DuckDBPyConnection:
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            if not is_locked(error) or time.monotonic() >= until:
                raise away(path, error) from None
        time.sleep(0.2)


def is_locked(error: duckdb.IOException) -> bool:
    """Whether another process has the file open."""
    return bool(_LOCKED.search(str(error)))


def away(path: Path, error: duckdb.IOException) -> WarehouseAwayError:
    """Why the warehouse at `path` could not be opened, in words."""
    holder = _LOCKED.search(str(error))
    if holder is None:
        return WarehouseAwayError(f"the warehouse cannot be opened: {str(error).splitlines()[0]}")
    return WarehouseAwayError(
        f"the warehouse is in use by another process ({holder[1]}, PID {holder[2]}): wait until that run is over. "
        f"To look into it, copy the file and open the copy: {path}"
    )


def create_tables(connection: duckdb.DuckDBPyConnection, contracts: dict[str, Contract]) -> None:
    """Makes the raw table of every contract and the ops tables; a table made before gets the columns that are new.

    Raises:
        WarehouseOutdatedError: a column has another type than when the warehouse was made.
    """
    connection.execute("create schema if not exists raw; create schema if not exists ops")
    connection.execute("create sequence if not exists ops.load_ids")
    raw = {f"raw.{c.entity}": c.stored_columns | BATCH_COLUMNS | LOAD_COLUMN for c in contracts.values()}
    wanted = raw | {f"ops.{name}": columns for name, columns in OPS_TABLES.items()}
    present = _present_columns(connection)
    changed = [
        f"{table}.{name} is {present[table][name]}, now {sql_type}"
        for table, columns in wanted.items()
        for name, sql_type in columns.items()
        if present.get(table, {}).get(name, sql_type) != sql_type
    ]
    if changed:
        raise WarehouseOutdatedError(
            f"the warehouse was made by other contracts: {'; '.join(changed)}. "
            "Move its file away and let `triune run` load every source anew; the pay ledger is another file and stays"
        )
    for table, columns in wanted.items():
        if table not in present:
            definitions = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
            connection.execute(f"create table {table} ({definitions})")
            continue
        for name, sql_type in columns.items():
            if name not in present[table]:
                connection.execute(f"alter table {table} add column {name} {sql_type}")


def _present_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        """
        select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()
        where schema_name in ('raw', 'ops') and database_name = current_database()
        """
    ).fetchall()
    present: dict[str, dict[str, str]] = {}
    for table, name, sql_type in rows:
        present.setdefault(table, {})[name] = sql_type
    return present
