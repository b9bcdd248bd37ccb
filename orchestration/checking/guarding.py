"""Runs the Great Expectations suites on the batches of a dry run. Heavy to import: seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.engine import batch_engine
from expectations.guard import guard_batch
from expectations.results import ExpectationResult
from expectations.rules import Severity
from orchestration.checking.findings import Finding, Level, Place

_LEVELS = {Severity.CRITICAL: Level.REFUSED, Severity.ERROR: Level.QUARANTINED, Severity.WARN: Level.WARNED}
# Told by the dry run itself, also without the guard.
_TOLD = "key_is_unique"


@dataclass(frozen=True)
class Guarded:
    """What the suite of one entity finds, and the rows that it would set aside."""

    entity: str
    findings: list[Finding]
    rows_to_quarantine: int


def guard(
    source: str, days: list[date], batches: Mapping[str, list[Path]], unmapped: Mapping[str, set[str]]
) -> Iterator[Guarded]:
    """What the suites find; of required columns that are not mapped it is known already that they are empty."""
    with batch_engine() as engine:
        for entity, paths in batches.items():
            if not paths:
                continue
            result = guard_batch(source, entity, paths, days=days, engine=engine)
            findings = [
                _finding(entity, failed)
                for failed in result.failed
                if failed.name != _TOLD and not {at.column for at in failed.sample_rows} & unmapped[entity]
            ]
            yield Guarded(entity, findings, result.rows_to_quarantine)


def _finding(entity: str, failed: ExpectationResult) -> Finding:
    places = tuple(Place(at.file or str(at.export_date), at.row, at.value) for at in failed.sample_rows[:3])
    column = failed.sample_rows[0].column if failed.sample_rows else None
    return Finding(entity, _LEVELS[failed.severity], failed.name, failed.reason, column, failed.rows_failed, places)
