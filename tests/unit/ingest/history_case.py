"""A small MIS whose days are loaded into a warehouse in memory, and what the loader derives from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from load_case import CONTRACTS, Loader, Row

from models.sources import Profile
from orchestration.ingest.batch_store import GuardedBatch
from orchestration.ingest.loading.load import load_batches

FIRST = date(2026, 3, 1)
MODES: dict[str, dict[str, Any]] = {
    "full": {"mode": "full"},
    "delta": {"mode": "delta"},
    # Rows of the last two local days.
    "window": {"mode": "replace_window", "window": {"column": "performed_at", "days": 2}},
}


def day(number: int) -> date:
    """Export day `number`, from 1."""
    return FIRST + timedelta(days=number - 1)


def mis(zone: str = "UTC", **modes: str) -> Profile:
    """A profile that maps every column of the entities in `modes` (entity → key of MODES)."""
    return Profile.model_validate(
        {
            "source": "demo_mis",
            "title": "A MIS",
            "delivery": "daily",
            "time_zone": {"column": "clinic_id", "default": "UTC", "values": {"K9": zone}},
            "entities": {
                entity: {
                    "file": f"{entity}.csv",
                    **MODES[mode],
                    "columns": {name: name for name in CONTRACTS[entity].columns},
                }
                for entity, mode in modes.items()
            },
        }
    )


@dataclass
class History:
    """Loads days of several entities at once."""

    loader: Loader
    profile: Profile
    warnings: list[str] = field(default_factory=list)

    def load(
        self,
        number: int,
        batches: dict[str, list[Row]],
        quarantined: dict[str, list[str | None]] | None = None,
        refused: dict[str, list[int]] | None = None,
    ) -> None:
        """Loads export day `number`: rows by entity; keys that the reader, and rows that the guard put aside."""
        guarded = []
        for entity in self.profile.entities:
            contract = CONTRACTS[entity]
            self.loader.entity = entity
            at = day(number)
            self.loader.store.forget("demo_mis", entity, [at])
            if entity not in batches:
                guarded.append(GuardedBatch(contract, []))
                continue
            aside, out = (quarantined or {}).get(entity, []), (refused or {}).get(entity, [])
            guarded.append(self.loader.batch({at: batches[entity]}, "demo_mis", {at: aside}, {at: out}))
        loads = load_batches(self.loader.connection, self.profile, [day(number)], guarded, self.loader.store)
        self.warnings = [warning for loaded in loads for warning in loaded.warnings]

    def gone(self) -> list[tuple[str, int, int]]:
        """(key, day last seen, day gone) of everything that is gone."""
        found = self.loader.rows("select _key, last_seen_on, gone_on from ops.deletions order by all")
        return [(key, (seen - FIRST).days + 1, (gone - FIRST).days + 1) for key, seen, gone in found]

    def survivors(self) -> dict[str, str]:
        """Old id → the one that survives."""
        return dict(self.loader.rows("select old_id, surviving_id from ops.surviving_ids order by all"))

    def touched(self) -> dict[str, list[str]]:
        """Entity → the middle of each three days that must be rebuilt; emptied, as when dbt has run."""
        rows = self.loader.rows("select distinct entity, local_date from ops.touched_days order by all")
        self.loader.connection.execute("delete from ops.touched_days")
        found: dict[str, list[str]] = {}
        for entity, local_date in rows:
            days = {other for name, other in rows if name == entity}
            if {local_date - timedelta(days=1), local_date + timedelta(days=1)} <= days:
                found.setdefault(entity, []).append(str(local_date))
        return found
