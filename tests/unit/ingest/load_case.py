"""Batches written by hand and loaded into a warehouse in memory: what the tests of the loader stand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.contracts import Contract, load_contracts
from models.sources import Profile, load_profiles
from orchestration.ingest.batch_store import BatchStore, DayCount, GuardedBatch
from orchestration.ingest.landing import FileVersion, LandedFile
from orchestration.ingest.loading.load import EntityLoad, load_batches
from orchestration.ingest.loading.warehouse import BATCH_COLUMNS, create_tables

CONTRACTS = load_contracts()
PROFILES = load_profiles()
DAY1, DAY2, DAY3 = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)

Row = dict[str, Any]


def line(key: str, performed: str = "2026-01-05 09:00", clinic: str = "K1", **columns: Any) -> Row:
    """A service line; moments are UTC."""
    return {"service_line_id": key, "clinic_id": clinic, "performed_at": performed, "net_amount": "10.00", **columns}


@dataclass
class Loader:
    """Loads one entity's rows by day and shows what the warehouse holds."""

    folder: Path
    connection: duckdb.DuckDBPyConnection
    entity: str = "service_lines"

    def __post_init__(self) -> None:
        create_tables(self.connection, CONTRACTS)

    @property
    def store(self) -> BatchStore:
        return BatchStore(self.folder / "batches")

    def load(
        self,
        days: dict[date, list[Row]],
        source: str = "demo_mis",
        quarantined: dict[date, int] | None = None,
        refused: dict[date, list[int]] | None = None,
    ) -> EntityLoad:
        """Loads `days`. The reader had put `quarantined` rows of a day aside, the guard refuses the rows `refused`."""
        aside: dict[date, list[str | None]] = {day: ["Q"] * count for day, count in (quarantined or {}).items()}
        batch = self.batch(days, source, aside, refused or {})
        (loaded,) = load_batches(self.connection, self.profile(source), list(days), [batch], self.store)
        return loaded

    def batch(
        self,
        days: dict[date, list[Row]],
        source: str,
        quarantined: dict[date, list[str | None]],
        refused: dict[date, list[int]],
    ) -> GuardedBatch:
        """A batch as the guard leaves it; `quarantined` are the keys of the rows that the reader put aside."""
        files, counts = [], []
        for day, rows in days.items():
            self.store.forget(source, self.entity, [day])
            landed = self.folder / "landing" / source / str(day) / f"{self.entity}.csv"
            landed.parent.mkdir(parents=True, exist_ok=True)
            landed.write_text(repr(rows))
            files.append(LandedFile(source, day, self.entity, landed.parent, landed, None, self.profile(source)))
            aside = quarantined.get(day, [])
            version = FileVersion.of(landed)
            counts.append(DayCount(self.entity, day, files[-1].name, version, len(rows) + len(aside), len(rows)))
            if rows:
                self._write_batch(source, day, files[-1].name, rows)
            if aside:
                self._write_quarantine(source, day, files[-1].name, aside)
            if refused.get(day):
                self._write_refused(source, day, files[-1].name, refused[day])
        return GuardedBatch(self.contract, counts)

    @property
    def contract(self) -> Contract:
        return CONTRACTS[self.entity]

    def profile(self, source: str) -> Profile:
        return PROFILES[source]

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, parameters).fetchall()

    def keys(self, source: str = "demo_mis") -> list[tuple[date, str]]:
        """(export day, key) of the raw rows of `source`."""
        return self.rows(
            f"select _export_date, {self.contract.key[0]} from raw.{self.entity} where _source = ? order by all", source
        )

    def touched(self) -> list[tuple[str | None, str]]:
        """(clinic, local day) that must be rebuilt; emptied, as the pipeline does when dbt has run."""
        rows = self.rows("select clinic_id, local_date::varchar from ops.touched_days order by all")
        self.connection.execute("delete from ops.touched_days")
        return rows

    def _write_batch(self, source: str, day: date, file: str, rows: list[Row]) -> None:
        stored = self.contract.stored_columns
        values = [
            [*(row.get(name) for name in stored), source, day, file, number, row.get("_is_deleted", False)]
            for number, row in enumerate(rows, 2)
        ]
        types = [*stored.values(), *BATCH_COLUMNS.values()]
        names = [*stored, *BATCH_COLUMNS]
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
        self._write(self.store.folder(source, self.entity), day, columns, values)

    def _write_quarantine(self, source: str, day: date, file: str, keys: list[str | None]) -> None:
        values = [
            [source, self.entity, day, file, 100 + number, key, "read", "net_amount", "x", "not_a_number", "no number"]
            for number, key in enumerate(keys)
        ]
        columns = (
            "_source varchar, entity varchar, _export_date date, _file varchar, _row bigint, _key varchar, "
            "stage varchar, "
            "column_name varchar, value varchar, rule varchar, reason varchar"
        )
        self._write(self.store.quarantine_folder(source, self.entity), day, columns, values)

    def _write_refused(self, source: str, day: date, file: str, rows: list[int]) -> None:
        # A row may break several rules.
        values = [
            [day, file, row, "net_amount", "10.00", rule, "why"]
            for row in rows
            for rule in ("first_rule", "second_rule")
        ]
        columns = (
            "_export_date date, _file varchar, _row bigint, column_name varchar, value varchar, rule varchar, "
            "reason varchar"
        )
        self._write(self.store.refused_folder(source, self.entity), day, columns, values)

    def _write(self, folder: Path, day: date, columns: str, rows: list[list[Any]]) -> None:
        path = folder / f"_export_date={day}" / "data_0.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as writer:
            writer.execute(f"create table rows ({columns})")
            writer.executemany(f"insert into rows values ({', '.join('?' * len(rows[0]))})", rows)
            writer.execute(f"copy rows to '{path}' (format parquet)")
