"""What assets need from outside: the workspace (where things are, what the definitions say), an observer, dbt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from models.contracts import Contract
from models.schemes import Scheme
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.database.land import DatabaseSource, land_days
from orchestration.ingest.database.manifest import LandedEntity
from orchestration.ingest.export import Export, export_to_load, find_export, is_expected
from orchestration.settings import Settings, secret


@dataclass(frozen=True)
class Workspace:
    """Settings and business definitions, read once per process."""

    settings: Settings
    contracts: dict[str, Contract]
    profiles: dict[str, Profile]
    schemes: list[Scheme]
    # Of the days that a run is asked for, those to read; a range is the only way to ask Dagster for several.
    only_days: frozenset[date] | None = None

    @property
    def batches(self) -> BatchStore:
        return BatchStore(self.settings.batches)

    def database(self, source: str) -> DatabaseSource | None:
        """The source as a database, if it is one."""
        profile = self.profiles[source]
        if profile.database is None:
            return None
        return DatabaseSource(profile, self.contracts, self.settings.landing, datetime.now(UTC))

    def land(self, source: str, days: list[date]) -> Iterator[LandedEntity]:
        """Lands days of a source that is a database; files land by themselves.

        Raises:
            ExportRefused: see `land_days`.
        """
        database = self.database(source)
        if database is not None:
            yield from land_days(database, days, secret(database.variable))

    def days_to_read(self, days: list[date]) -> list[date]:
        """Those of `days` that this run is for."""
        return days if self.only_days is None else [day for day in days if day in self.only_days]

    def expects_export(self, source: str, days: list[date]) -> bool:
        """Whether `source` should have delivered on these days."""
        return is_expected(self.profiles[source], self.settings.landing, days)

    def export(self, source: str, days: list[date]) -> Export:
        """The days of `days` that have landed from `source`.

        Raises:
            ExportRefused: see `find_export`.
        """
        return find_export(self.profiles[source], self.contracts, self.settings.landing, self.batches, days)

    def exports_to_load(self) -> list[Export]:
        """Days of every source that have passed the guard and are not in the warehouse yet, one export a source."""
        found = (
            export_to_load(profile, self.contracts, self.settings.landing, self.batches)
            for profile in self.profiles.values()
        )
        return [export for export in found if export]


class Observer(Protocol):
    """Someone who watches a run, e.g. the progress display of the command line."""

    def step_started(self, step: str) -> None:
        """A step of the day begins."""

    def step_ended(self, step: str) -> None:
        """It has ended, well or not."""

    def saw(self, step: str, detail: str) -> None:
        """Something worth showing happened inside a step."""

    def warned(self, message: str) -> None:
        """Something a person should know, though the day goes on."""


class NoObserver:
    """Runs started by a schedule or the web UI: Dagster's own log is enough."""

    def step_started(self, step: str) -> None: ...

    def step_ended(self, step: str) -> None: ...

    def saw(self, step: str, detail: str) -> None: ...

    def warned(self, message: str) -> None: ...


@contextmanager
def observed(observer: Observer, step: str) -> Iterator[None]:
    """Tells `observer` when a step begins and ends."""
    observer.step_started(step)
    try:
        yield
    finally:
        observer.step_ended(step)
