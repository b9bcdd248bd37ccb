"""One day of the demo as files that a test may spoil, and the steps that read, guard and load it. No tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.contracts import Contract
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.export import (
    Export,
    export_to_load,
    find_export,
    guard_export,
    guarded_batches,
    mark_loaded,
    read_export,
)
from orchestration.ingest.loading.load import load_batches
from orchestration.ingest.loading.warehouse import create_tables, open_warehouse

DAY = "2026-02-02"  # a Monday: the workbook of the marketing spend is there
ENTITIES = ("appointments", "service_lines", "payments", "marketing_spend")
ENCODING = "cp1251"
DELIMITER = ";"


@dataclass
class DayOfFiles:
    """A landing folder with one day of some entities."""

    root: Path
    profile: Profile
    contracts: dict[str, Contract]
    day: date
    reads: dict[str, EntityRead] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def folder(self) -> Path:
        return self.landing / self.profile.source / str(self.day)

    @property
    def store(self) -> BatchStore:
        return BatchStore(self.root / "batches")

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    def copy_from(self, folder: Path) -> None:
        self.folder.mkdir(parents=True)
        for mapping in self.profile.entities.values():
            for file in mapping.files:
                shutil.copyfile(folder / file, self.folder / file)

    def keep(self, entity: str) -> None:
        """Leaves the others aside: a suite of Great Expectations takes a while."""
        self.profile = self.profile.model_copy(update={"entities": {entity: self.profile.entities[entity]}})

    def lines(self, name: str) -> list[str]:
        """Header and rows; `lines[n]` is row n + 1 of a spreadsheet."""
        return (self.folder / name).read_bytes().decode(ENCODING).rstrip("\r\n").split("\r\n")

    def rewrite(self, name: str, change: Callable[[list[str]], list[str]]) -> None:
        text = "\r\n".join([*change(self.lines(name)), ""])
        (self.folder / name).write_bytes(text.encode(ENCODING))

    def set_value(self, name: str, row: int, column: str, value: str) -> None:
        """Puts `value` into one cell; rows count as in a spreadsheet."""

        def change(lines: list[str]) -> list[str]:
            fields = lines[row - 1].split(DELIMITER)
            fields[lines[0].split(DELIMITER).index(column)] = value
            return [*lines[: row - 1], DELIMITER.join(fields), *lines[row:]]

        self.rewrite(name, change)

    def find(self) -> Export:
        return find_export(self.profile, self.contracts, self.landing, self.store, [self.day])

    def read(self) -> dict[str, EntityRead]:
        """Reads every entity."""
        self.reads = {read.entity: read for read in read_export(self.find(), b"key of the tests")}
        return self.reads

    def load(self) -> None:
        """Guards what was read and loads it, as the assets do."""
        guard_export(self.find(), self.warehouse)
        with open_warehouse(self.warehouse) as connection:
            create_tables(connection, self.contracts)
            if export := self.to_load():
                load_batches(connection, export.profile, export.days, guarded_batches(export), export.store)
                mark_loaded(export)

    def to_load(self) -> Export | None:
        return export_to_load(self.profile, self.contracts, self.landing, self.store)

    def query(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query, list(parameters)).fetchall()
