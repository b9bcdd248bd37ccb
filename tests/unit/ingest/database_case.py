"""A little MIS in an SQLite file: a second kind of database beside PostgreSQL, which needs no server. No tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from models.contracts import load_contracts
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.database.land import DatabaseSource, land_days
from orchestration.ingest.database.manifest import LandedEntity
from orchestration.ingest.export import find_export, read_export

CONTRACTS = load_contracts()
VARIABLE = "LITTLE_DSN"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
# Long after those days.
LATER = datetime(2026, 6, 1, 12, tzinfo=UTC)
_TABLES = """
    create table clinics (id integer, "Название 100%" text, currency text);
    create table payments (no integer, clinic text, "at" text, amount text);
    insert into clinics values (1, 'Центр; "А"', 'RUB'), (2, 'Север:2', null);
    insert into payments values (1, '1', '2026-03-02 09:00:00', '10.00'), (2, '1', '2026-03-02 10:00:00', '20.50');
"""
ENTITIES: dict[str, Any] = {
    "clinics": {
        "table": "clinics",
        "mode": "full",
        "columns": {
            "clinic_id": "id",
            "clinic_name": "Название 100%",
            "time_zone": {"constant": "UTC"},
            "currency": "currency",
        },
    },
    "payments": {
        # A colon, a percent sign and a comment without an end: none of them is ours to understand.
        "query": "select *, 'no :time, 5 %' as note from payments where amount <> '12:30' -- all",
        "mode": "delta",
        "cursor": "no",
        "lookback": 0,
        "columns": {
            "payment_id": "no",
            "clinic_id": "clinic",
            "paid_at": "at",
            "payment_kind": {"constant": "payment"},
            "payment_amount": "amount",
            "method": "note",
        },
    },
}


def little_mis(entities: Mapping[str, Any] = ENTITIES, **changes: Any) -> Profile:
    """The profile, with other entities or other words of the profile."""
    common = {"source": "little", "title": "A little MIS", "delivery": "daily", "time_zone": "UTC"}
    return Profile.model_validate({**common, "database": {"dsn_env": VARIABLE}, "entities": entities, **changes})


@dataclass
class LittleDatabase:
    """The database, and what lands of it."""

    folder: Path
    profile: Profile = field(default_factory=little_mis)

    def __post_init__(self) -> None:
        self.execute(_TABLES)

    @property
    def dsn(self) -> str:
        return f"sqlite:///{self.folder / 'little.sqlite'}"

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    def execute(self, statements: str) -> None:
        with sqlite3.connect(self.folder / "little.sqlite") as connection:
            connection.executescript(statements)
        connection.close()

    def source(self, now: datetime = LATER) -> DatabaseSource:
        return DatabaseSource(self.profile, CONTRACTS, self.landing, now)

    def land(self, *days: date, now: datetime = LATER, dsn: str | None = "") -> list[LandedEntity]:
        return list(land_days(self.source(now), list(days), self.dsn if dsn == "" else dsn))

    def folder_of(self, day: date) -> Path:
        return self.landing / "little" / str(day)

    def landed(self, day: date, entity: str) -> list[dict[str, str | None]]:
        return pq.read_table(self.folder_of(day) / f"{entity}.parquet").to_pylist()

    def numbers(self, day: date) -> list[str | None]:
        """Which payments landed."""
        return [row["no"] for row in self.landed(day, "payments")]

    def files(self) -> list[str]:
        """Everything that lies in the landing of the source."""
        folder = self.landing / "little"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []

    def read(self, *days: date) -> list[EntityRead]:
        export = find_export(self.profile, CONTRACTS, self.landing, BatchStore(self.folder / "batches"), list(days))
        return list(read_export(export, b"key"))
