"""What a batch is compared with, as views of the guard's own connection; none of it is copied.

    batch.<entity>    the rows of this export that will be loaded
    known.<entity>    every version of every row: the batch, and what the warehouse holds of other days
    present.<entity>  versions that may still stand: of full snapshots those of the newest, else what is not gone
    log.deliveries    rows and bytes of every file, of this export and of earlier ones
    log.days          rows of every entity and day, and whether it sends changes
    log.columns       their headers, and what the values looked like
    log.controls      what this export says of itself, beside what was read

A warehouse that does not exist yet knows nothing: then an export is compared with itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.batch import Batch, batch_columns
from expectations.rules import quoted, text_literal
from models.contracts import Contract
from models.row_keys import row_key
from models.source_terms import Delivery, Mode
from models.sources import Profile

_DELIVERY = {
    "entity": "VARCHAR",
    "export_date": "DATE",
    "file": "VARCHAR",
    "file_sha256": "VARCHAR",
    "rows_read": "BIGINT",
}
_COLUMN = {"entity": "VARCHAR", "export_date": "DATE", "column_name": "VARCHAR", "kind": "VARCHAR", "filled": "BIGINT"}
_CONTROL = {"entity": "VARCHAR", "export_date": "DATE", "what": "VARCHAR", "expected": "VARCHAR", "found": "VARCHAR"}


@dataclass(frozen=True)
class FileFacts:
    """What is known of one file of the export beside its rows.

    `columns` are its headers, in order, with what their values look like in how many of the rows looked at.
    `controls` are the totals that the source declares: what is counted, what it says, what was read.
    """

    entity: str
    day: date
    file: str
    sha256: str
    rows_read: int
    columns: Sequence[tuple[str, str | None, int]] = ()
    controls: Sequence[tuple[str, str | None, str | None]] = ()


@dataclass(frozen=True)
class Surroundings:
    """Where the guard looks beside the batch."""

    profile: Profile
    contracts: Mapping[str, Contract]
    days: Sequence[date]
    files: Sequence[FileFacts] = ()
    warehouse: Path | None = None

    def meets(self, need: str) -> bool:
        """Whether the source delivers what a rule `needs`: an entity, a column, or a way of delivering."""
        if need in ("daily", "occasional"):
            return self.profile.delivery is Delivery(need)
        if need == "controls":
            return self.profile.controls is not None
        entity, _, column = need.partition(".")
        if column in list(Mode):
            return self.profile.mode(entity) is Mode(column)
        return self.profile.provides(entity, column) if column else entity in self.profile.entity_names


def create_views(connection: duckdb.DuckDBPyConnection, around: Surroundings, batches: Mapping[str, Batch]) -> None:
    """Makes the views for `batches`; the tables of their failing rows are there."""
    connection.execute("CREATE SCHEMA batch; CREATE SCHEMA known; CREATE SCHEMA present; CREATE SCHEMA log")
    if around.warehouse:
        connection.execute(f"ATTACH {text_literal(str(around.warehouse))} AS warehouse (READ_ONLY)")
    held = _held_columns(connection) if around.warehouse else {}
    # What an earlier reading of the same days left will be replaced.
    listed = ", ".join(f"DATE '{day}'" for day in around.days)
    before = f"_source = {text_literal(around.profile.source)} AND {{}} NOT IN ({listed})"
    for entity, contract in around.contracts.items():
        columns = batch_columns(contract)
        parts = []
        if entity in batches:
            connection.execute(
                f"CREATE VIEW batch.{entity} AS SELECT typed.* FROM ({batches[entity].query}) AS typed "
                f"ANTI JOIN failing.{entity} USING (_export_date, _file, _row)"
            )
            parts.append(f"FROM batch.{entity}")
        if f"raw.{entity}" in held:
            rows = _held_rows(columns, held[f"raw.{entity}"])
            parts.append(f"SELECT {rows} FROM warehouse.raw.{entity} WHERE {before.format('_export_date')}")
        every = " UNION ALL BY NAME ".join(parts or [_nothing(columns)])
        connection.execute(f"CREATE VIEW known.{entity} AS {every}")
        newest = f"(SELECT max(_export_date) FROM known.{entity})"
        stands = f"_export_date = {newest}" if around.meets(f"{entity}.full") else _not_gone(contract, held)
        connection.execute(f"CREATE VIEW present.{entity} AS SELECT * FROM known.{entity} AS version WHERE {stands}")
    _create_log(connection, "deliveries", _DELIVERY, [_delivery(file) for file in around.files])
    _create_log(
        connection, "columns", _COLUMN, [(f.entity, f.day, *column) for f in around.files for column in f.columns]
    )
    _create_log(
        connection, "controls", _CONTROL, [(f.entity, f.day, *told) for f in around.files for told in f.controls]
    )
    changes = [text_literal(entity) for entity in around.profile.entity_names if around.meets(f"{entity}.delta")]
    connection.execute(
        "CREATE VIEW log.days AS SELECT entity, export_date, sum(rows_read) AS rows_read, "
        f"entity IN ({', '.join(changes) or 'NULL'}) AS is_delta FROM log.deliveries GROUP BY ALL"
    )
    for log, table, columns in (("deliveries", "load_log", _DELIVERY), ("columns", "file_columns", _COLUMN)):
        if f"ops.{table}" in held:
            past = f"SELECT {', '.join(columns)} FROM warehouse.ops.{table} WHERE {before.format('export_date')}"
            connection.execute(f"INSERT INTO log.{log} {past}")


def _not_gone(contract: Contract, held: Mapping[str, Sequence[str]]) -> str:
    """Condition of a `version` that no later export should have held and did not, as far as the warehouse knows."""
    if "ops.deletions" not in held:
        return "true"
    return (
        f"NOT EXISTS (FROM warehouse.ops.deletions AS gone WHERE gone.entity = '{contract.entity}' "
        f"AND gone._source = version._source AND gone._key = {row_key(contract, 'version')} "
        "AND gone.last_seen_on = version._export_date)"
    )


def _held_rows(columns: Mapping[str, str], held: Sequence[str]) -> str:
    """A column that the contract has gained since the warehouse was made is empty."""
    return ", ".join(
        quoted(name) if name in held else f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in columns.items()
    )


def _delivery(file: FileFacts) -> tuple[object, ...]:
    return (file.entity, file.day, file.file, file.sha256, file.rows_read)


def _create_log(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]
) -> None:
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE TABLE log.{name} ({declared})")
    if rows:
        values = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO log.{name} SELECT {', '.join(['unnest(?)'] * len(values))}", values)


def _nothing(columns: Mapping[str, str]) -> str:
    empty = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in columns.items())
    return f"SELECT {empty} WHERE false"


def _held_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """`schema.table` → columns of the warehouse."""
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = 'warehouse' GROUP BY ALL"
    ).fetchall()
    return dict(rows)
