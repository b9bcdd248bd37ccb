"""Reads and guards an export (every entity of one source, any number of days) and keeps the verdict for the loader."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from expectations.engine import batch_engine
from expectations.guard import guard_batch
from expectations.results import GuardResult
from models.contracts import Contract
from models.source_terms import Delivery
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, DayCount
from orchestration.ingest.batches import EntityRead, read_entity
from orchestration.ingest.landing import FileVersion, landed_days, landed_files
from orchestration.ingest.load import GuardedBatch
from orchestration.ingest.refusal import ExportRefused, FileProblem

# Per day: the counts of its last reading and, until it is loaded, a mark that it has passed the guard.
_READINGS, _COUNTS, _PASSED = "_readings", ".json", ".passed"


@dataclass(frozen=True)
class Export:
    """One source on a range of days: where its files are and where what is read from them goes."""

    profile: Profile
    contracts: dict[str, Contract]
    landing: Path
    store: BatchStore
    days: list[date]


def is_expected(profile: Profile, landing: Path, days: list[date]) -> bool:
    """Whether these days should hold an export: a source not in use, or one that delivers now and then, need not."""
    landed = landed_days(landing, profile.source)
    return bool(landed) if profile.delivery is Delivery.DAILY else not set(landed).isdisjoint(days)


def find_export(
    profile: Profile, contracts: dict[str, Contract], landing: Path, store: BatchStore, wanted: list[date]
) -> Export:
    """The days of `wanted` that have landed.

    Raises:
        ExportRefused: nothing has landed.
    """
    landed = set(landed_days(landing, profile.source))
    days = [day for day in wanted if day in landed]
    absent = [day for day in wanted if day not in landed]
    if not days:
        raise ExportRefused([_no_export(profile.source, day, landing) for day in absent])
    return Export(profile, contracts, landing, store, days)


def missing_days(export: Export, wanted: list[date]) -> list[FileProblem]:
    """Gaps in a range of a source that delivers daily: worth saying, but no reason to leave the other days out."""
    if export.profile.delivery is not Delivery.DAILY:
        return []
    absent = sorted(set(wanted) - set(export.days))
    return [_no_export(export.profile.source, day, export.landing) for day in absent]


def _no_export(source: str, day: date, landing: Path) -> FileProblem:
    folder = landing / source / str(day)
    return FileProblem(
        source, day, "export", str(folder), "no export has landed", "Put the day's files into this folder"
    )


def read_export(export: Export, patient_key: bytes) -> Iterator[EntityRead]:
    """Reads entity after entity into typed batches. Every file is tried, so that one look mends them all.

    Raises:
        ExportRefused: after the last entity, with every required file that is missing and every one that is unreadable.
    """
    files, problems = landed_files(export.landing, export.profile, export.days)
    reads: list[EntityRead] = []
    _forget_reading(export)
    with tempfile.TemporaryDirectory(prefix="triune-read-") as scratch:
        for entity in export.profile.entity_names:
            of_entity = [file for file in files if file.entity == entity]
            without = set(export.days) - {file.day for file in of_entity}
            export.store.forget(export.profile.source, entity, without)
            if not of_entity:
                continue
            try:
                read = read_entity(of_entity, export.contracts[entity], export.store, Path(scratch), patient_key)
            except ExportRefused as refused:
                problems += refused.problems
                continue
            reads.append(read)
            yield read
    if problems:
        raise ExportRefused(problems)
    _write_counts(export, [count for read in reads for count in read.files])


def guard_export(export: Export) -> Iterator[GuardResult]:
    """Runs the suite of every entity that was read; if no critical expectation fails, the days may be loaded."""
    counts = _read_counts(export)
    source = export.profile.source
    blocked = False
    with batch_engine() as engine:
        for entity in sorted({count.entity for count in counts}):
            days = sorted({count.day for count in counts if count.entity == entity})
            paths = export.store.paths(source, entity, days)
            refused = export.store.refused_folder(source, entity)
            result = guard_batch(source, entity, paths, refused, days=days, engine=engine)
            blocked = blocked or bool(result.blocked_days)
            yield result
    if not blocked:
        for day in export.days:
            _mark(export, day, _PASSED).touch()


def export_to_load(profile: Profile, contracts: dict[str, Contract], landing: Path, store: BatchStore) -> Export | None:
    """The days of a source that have passed the guard and are not loaded yet, as one export."""
    marks = (store.root / profile.source / _READINGS).glob(f"*{_PASSED}")
    days = sorted(date.fromisoformat(mark.stem) for mark in marks)
    return Export(profile, contracts, landing, store, days) if days else None


def mark_loaded(export: Export) -> None:
    """Called when the warehouse holds the export. A crash before this loads it once more, to the same rows."""
    for day in export.days:
        _mark(export, day, _PASSED).unlink()


def guarded_batches(export: Export) -> list[GuardedBatch]:
    """What the loader takes: one entry for every contract, also those that delivered nothing."""
    counts = _read_counts(export)
    return [
        GuardedBatch(contract, [count for count in counts if count.entity == entity])
        for entity, contract in export.contracts.items()
    ]


def _mark(export: Export, day: date, suffix: str) -> Path:
    return export.store.root / export.profile.source / _READINGS / f"{day}{suffix}"


def _forget_reading(export: Export) -> None:
    """An earlier reading of these days no longer describes what is in the batches."""
    for day in export.days:
        _mark(export, day, _PASSED).unlink(missing_ok=True)
        _mark(export, day, _COUNTS).unlink(missing_ok=True)


def _write_counts(export: Export, counts: list[DayCount]) -> None:
    for day in export.days:
        of_day = [asdict(count) for count in counts if count.day == day]
        path = _mark(export, day, _COUNTS)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(of_day, default=str), encoding="utf-8")


def _read_counts(export: Export) -> list[DayCount]:
    texts = [_mark(export, day, _COUNTS).read_text(encoding="utf-8") for day in export.days]
    return [
        DayCount(**(entry | {"day": date.fromisoformat(entry["day"]), "version": FileVersion(**entry["version"])}))
        for text in texts
        for entry in json.loads(text)
    ]
