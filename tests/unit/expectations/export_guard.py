"""A whole export under guard: rows of any entities, facts of their files, and a warehouse loaded before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from valid_rows import CONTRACTS, DAY, SOURCE, Row, write_batch

from expectations.engine import BatchEngine
from expectations.guard import guarding
from expectations.results import ExpectationResult, GuardResult
from expectations.surroundings import FileFacts, Surroundings
from models.sources import Profile
from orchestration.ingest.loading.warehouse import create_tables


def delivers(*entities: str, mode: str = "delta", **changes: Any) -> Profile:
    """A source that delivers every column of `entities` (default: of all)."""
    return Profile.model_validate(
        {
            "source": SOURCE,
            "title": "A test",
            "delivery": "daily",
            "time_zone": "UTC",
            **changes,
            "entities": {
                name: {
                    "file": f"{name}.csv",
                    "mode": mode,
                    "columns": {column: column for column in CONTRACTS[name].columns},
                }
                for name in entities or CONTRACTS
            },
        }
    )


@dataclass
class ExportGuard:
    """Guards one export after another; `load` puts rows where the warehouse keeps them."""

    folder: Path
    engine: BatchEngine
    profile: Profile = field(default_factory=delivers)
    warehouse: Path | None = None

    def results(
        self, rows: Mapping[str, Sequence[Row]], files: Sequence[FileFacts] = (), days: Sequence[date] = (DAY,)
    ) -> dict[str, GuardResult]:
        around = Surroundings(self.profile, CONTRACTS, days, files, self.warehouse)
        with guarding(SOURCE, around, self.engine) as guard:
            for entity, of_entity in rows.items():
                path = write_batch(self.folder / f"{entity}.parquet", CONTRACTS[entity], of_entity)
                guard.check_rows(entity, [path], days)
            return {result.entity: result for result in guard.check_surroundings({})}

    def found(
        self, entity: str, name: str, rows: Mapping[str, Sequence[Row]], **options: Any
    ) -> ExpectationResult | None:
        """What one expectation found; None: it was not asked."""
        result = self.results(rows, **options)[entity]
        return next((found for found in result.expectations if found.name == name), None)

    def load(self, entity: str, rows: Sequence[Row] = (), files: Sequence[FileFacts] = ()) -> None:
        """As if an earlier export had brought `rows` and `files`."""
        self.warehouse = self.folder / "warehouse.duckdb"
        with duckdb.connect(str(self.warehouse)) as connection:
            create_tables(connection, CONTRACTS)
            if rows:
                path = write_batch(self.folder / "earlier.parquet", CONTRACTS[entity], rows)
                connection.execute(f"INSERT INTO raw.{entity} BY NAME FROM read_parquet('{path}')")
            for file in files:
                connection.execute(
                    "INSERT INTO ops.load_log (_source, entity, export_date, file, file_sha256, rows_read) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    [SOURCE, file.entity, file.day, file.file, file.sha256, file.rows_read],
                )
                for column in file.columns:
                    connection.execute(
                        "INSERT INTO ops.file_columns VALUES (?, ?, ?, ?, ?, ?)",
                        [SOURCE, file.entity, file.day, *column],
                    )

    def forget(self, entity: str, key: str, last_seen_on: date) -> None:
        """As if a later export had lacked the row."""
        assert self.warehouse
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(
                "INSERT INTO ops.deletions VALUES (?, ?, ?, ?, ?)", [SOURCE, entity, key, last_seen_on, last_seen_on]
            )
