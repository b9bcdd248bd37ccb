"""A private warehouse as the loader leaves it, filled by hand: what the dbt tests stand on. No assertions here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.contracts import ColumnType, Contract, load_contracts
from orchestration.ingest.loading.warehouse import create_tables

Row = dict[str, Any]


class RawWarehouse:
    """Raw and ops tables of one file. Opens and closes it on every call, as the pipeline does."""

    def __init__(self, path: Path, *, is_new: bool = True) -> None:
        self.path = path
        self.contracts: dict[str, Contract] = load_contracts()
        self._load_id = 0
        if is_new:
            with self.connect() as connection:
                create_tables(connection, self.contracts)

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.path))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        # Another process may be reading the same file.
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def rows(self, table: str) -> list[Row]:
        """Every row of a table as a mapping, for oracles."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            found = connection.execute(f"select * from {table}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def provide(self, source: str, without: dict[str, list[str]] | None = None) -> None:
        """Says that `source` delivers everything except `without`: {entity: [columns]}, [] for the whole entity."""
        missing = without or {}
        rows = []
        for entity, contract in self.contracts.items():
            for name in contract.inputs:
                lacked = missing.get(entity)
                absent = lacked is not None and (not lacked or not {name, name.partition("=")[0]}.isdisjoint(lacked))
                rows.append((source, entity, name, not absent, False))
        with self.connect() as connection:
            connection.executemany("insert into ops.source_inputs values (?, ?, ?, ?, ?)", rows)

    def load(self, source: str, export_date: str, batches: dict[str, list[Row]]) -> None:
        """Replaces (source, entity, day) for each entity and notes the days of every changed key, old and new."""
        self._load_id += 1
        with self.connect() as connection:
            for entity, rows in batches.items():
                before = self._days(connection, entity)
                connection.execute(
                    f"delete from raw.{entity} where _source = ? and _export_date = ?", [source, export_date]
                )
                for number, row in enumerate(rows, start=2):
                    stored = {
                        **row,
                        "_source": source,
                        "_export_date": export_date,
                        "_file": f"{entity}.csv",
                        "_row": number,
                        "_load_id": self._load_id,
                    }
                    names = ", ".join(f'"{name}"' for name in stored)
                    marks = ", ".join("?" for _ in stored)
                    connection.execute(f"insert into raw.{entity} ({names}) values ({marks})", list(stored.values()))
                self._touch(connection, entity, source, before, self._days(connection, entity))
            connection.execute(
                "delete from ops.export_days where (_source, export_date) = (?, ?)", [source, export_date]
            )
            connection.execute("insert into ops.export_days values (?, ?)", [source, export_date])

    def forget_touched_days(self) -> None:
        """What the pipeline does after dbt succeeded."""
        with self.connect() as connection:
            connection.execute("delete from ops.touched_days")

    def _days(self, connection: duckdb.DuckDBPyConnection, entity: str) -> dict[str, tuple[date, str]]:
        """Key → (UTC day, fingerprint) of the row that currently holds, for an entity that has a day."""
        contract = self.contracts[entity]
        if contract.day is None:
            return {}
        key = ", ".join(["_source", *contract.key])
        key_list = ", ".join(f"{name}::varchar" for name in ["_source", *contract.key])
        values = ", ".join(f"{name} := {name}" for name in contract.stored_columns)
        updated = "updated_at desc nulls last, " if "updated_at" in contract.columns else ""
        rows = connection.execute(
            f"select to_json([{key_list}]), cast({contract.day} as date), to_json(struct_pack({values}))"
            f" from raw.{entity}"
            f" qualify row_number() over (partition by {key} order by _export_date desc, {updated}_row desc) = 1"
        ).fetchall()
        return {key: (day, values) for key, day, values in rows if day is not None}

    def _touch(
        self,
        connection: duckdb.DuckDBPyConnection,
        entity: str,
        source: str,
        before: dict[str, tuple[date, str]],
        after: dict[str, tuple[date, str]],
    ) -> None:
        changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
        days = {side[key][0] for key in changed for side in (before, after) if key in side}
        contract = self.contracts[entity]
        is_moment = contract.day is not None and contract.columns[contract.day].type is ColumnType.TIMESTAMP
        for day in days:
            for shift in (-1, 0, 1) if is_moment else (0,):
                connection.execute(
                    "insert into ops.touched_days by name select ? as entity, ? as _source,"
                    " cast(? as date) + cast(? as integer) as local_date, ? as _load_id",
                    [entity, source, day, shift, self._load_id],
                )
