"""Reads and guards an export (every entity of one source, any number of days) and keeps the verdict for the loader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from expectations.guard import guarding
from expectations.results import GuardResult
from expectations.surroundings import Surroundings
from models.contracts import Contract
from models.source_terms import Delivery
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore, DayCount, GuardedBatch
from orchestration.ingest.batches import EntityRead, read_entity
from orchestration.ingest.landing import FileVersion, LandedFile, arrived_days, landed_days, landed_files
from orchestration.ingest.loading.warehouse import away, is_locked
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.scratch import scratch_folder
from orchestration.privacy.patterns import HIDDEN, redacted

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
    """The days of `wanted` that have arrived.

    Raises:
        ExportRefused: none has.
    """
    arrived = set(arrived_days(landing, profile))
    days = [day for day in wanted if day in arrived]
    if not days:
        raise ExportRefused([_no_export(profile, day, landing) for day in wanted if day not in arrived])
    return Export(profile, contracts, landing, store, days)


def missing_days(export: Export, wanted: list[date]) -> list[FileProblem]:
    """Gaps in a range: worth saying, but no reason to leave the other days out. Some sources need not deliver daily."""
    absent = set(wanted) - set(export.days)
    if export.profile.delivery is not Delivery.DAILY:
        absent &= set(landed_days(export.landing, export.profile.source))
    return [_no_export(export.profile, day, export.landing) for day in sorted(absent)]


def unfinished_days(profile: Profile, landing: Path) -> list[FileProblem]:
    """Days that have begun to land and still lack their marker."""
    unfinished = set(landed_days(landing, profile.source)) - set(arrived_days(landing, profile))
    return [_no_export(profile, day, landing) for day in sorted(unfinished)]


def _no_export(profile: Profile, day: date, landing: Path) -> FileProblem:
    folder, marker = landing / profile.source / str(day), profile.arrival.marker
    if marker and folder.is_dir():
        reason = f"the upload is not over: the marker file '{marker}' is not there"
        remedy = f"Wait for it, or put an empty file of that name there if the day is complete: {folder / marker}"
    else:
        reason, remedy = "no export has landed", "Put the day's files into this folder"
    return FileProblem(profile.source, day, "export", str(folder), reason, remedy)


def read_export(export: Export, patient_key: bytes) -> Iterator[EntityRead]:
    """Reads entity after entity into typed batches. Every file is tried, so that one look mends them all.

    Raises:
        ExportRefused: after the last entity, with every required file that is missing and every one that is unreadable.
    """
    files, problems = landed_files(export.landing, export.profile, export.days)
    reads: list[EntityRead] = []
    _forget_reading(export)
    with scratch_folder(export.store.scratch) as scratch:
        for entity in export.profile.entity_names:
            of_entity = [file for file in files if file.entity == entity]
            without = set(export.days) - {file.day for file in of_entity}
            export.store.forget(export.profile.source, entity, without)
            if not of_entity:
                continue
            if personal := [problem for file in of_entity if (problem := _personal_name(file))]:
                problems += personal
                continue
            try:
                read = read_entity(of_entity, export.contracts[entity], export.store, scratch, patient_key)
            except ExportRefused as refused:
                problems += refused.problems
                continue
            reads.append(read)
            yield read
    if problems:
        raise ExportRefused(problems)
    _write_counts(export, [count for read in reads for count in read.files])


def _personal_name(file: LandedFile) -> FileProblem | None:
    """Rows, logs and alerts name the file that they come from, so its name may be nobody's datum."""
    told = redacted(file.name.replace("_", " "))
    if HIDDEN not in told:
        return None
    reason, remedy = "the file's name holds personal data", "Export it under another name, then run the day again"
    return replace(file.problem(reason, remedy), file=told)


@contextmanager
def _reading(warehouse: Path) -> Iterator[None]:
    """The guard reads the warehouse by itself and knows nothing of how a lock is told. It reads batches, too."""
    try:
        yield
    except duckdb.IOException as error:
        if not is_locked(error):
            raise
        raise away(warehouse, error) from None


def guard_export(export: Export, warehouse: Path, saw: Callable[[str], None] = lambda _: None) -> list[GuardResult]:
    """Runs the suite of every entity that was read; if no critical expectation fails, the days may be loaded.

    `saw` is told of each entity when it has been checked by itself.

    Raises:
        WarehouseAwayError: another process has the warehouse open.
    """
    counts = _read_counts(export)
    source = export.profile.source
    around = Surroundings(
        export.profile,
        export.contracts,
        export.days,
        [count.facts() for count in counts],
        warehouse if warehouse.exists() else None,
    )
    entities = sorted({count.entity for count in counts})
    with _reading(warehouse), guarding(source, around) as guard:
        for entity in entities:
            days = sorted({count.day for count in counts if count.entity == entity})
            asked = guard.check_rows(entity, export.store.paths(source, entity, days), days)
            saw(f"{entity}: {asked} expectations")
        saw("references, overlaps, totals, volumes")
        refused = {entity: export.store.refused_folder(source, entity) for entity in entities}
        results = list(guard.check_surroundings(refused))
    if not any(result.blocked_days for result in results):
        for day in export.days:
            _mark(export, day, _PASSED).touch()
    return results


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
