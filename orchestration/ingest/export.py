"""Reads and guards an export (every entity of one source, any number of days) and keeps the verdict for the loader."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.engine import batch_engine
from expectations.guard import guard_batch
from expectations.results import GuardResult
from models.contracts import Contract
from models.sources import Delivery, Profile
from orchestration.ingest.batches import BatchStore, DayCount, EntityRead, read_entity
from orchestration.ingest.landing import LandedFile, landed_days, landed_files
from orchestration.ingest.load import GuardedBatch
from orchestration.ingest.pseudonyms import set_pseudonym_key
from orchestration.ingest.refusal import ExportRefused, FileProblem

# One file per reading: its days and counts, and, until it is loaded, a mark that it has passed the guard.
_READINGS, _COUNTS, _PASSED = "_readings", ".json", ".passed"


@dataclass(frozen=True)
class Export:
    """One source on a range of days: where its files are and where what is read from them goes."""

    profile: Profile
    contracts: dict[str, Contract]
    landing: Path
    store: BatchStore
    days: list[date]

    @property
    def files(self) -> list[LandedFile]:
        return landed_files(self.landing, self.profile, self.days)[0]

    def files_of(self, entity: str) -> list[LandedFile]:
        return [file for file in self.files if file.entity == entity]

    def failing_rows(self, entity: str) -> Path:
        """Rows of these days that the guard sent to quarantine."""
        return self.store.folder(self.profile.source, entity) / "guard" / f"{self.days[0]}_{self.days[-1]}.parquet"


def is_expected(profile: Profile, landing: Path, days: list[date]) -> bool:
    """Whether these days should hold an export: a source not in use, or one that delivers now and then, need not."""
    landed = landed_days(landing, profile.source)
    return bool(landed) if profile.delivery is Delivery.DAILY else not set(landed).isdisjoint(days)


def find_export(
    profile: Profile, contracts: dict[str, Contract], landing: Path, store: BatchStore, wanted: list[date]
) -> Export:
    """The days of `wanted` that have landed.

    Raises:
        ExportRefused: nothing has landed, or a required file of a landed day is missing.
    """
    landed = set(landed_days(landing, profile.source))
    days = [day for day in wanted if day in landed]
    absent = [day for day in wanted if day not in landed]
    if not days:
        raise ExportRefused([_no_export(profile.source, day, landing) for day in absent])
    problems = landed_files(landing, profile, days)[1]
    if problems:
        raise ExportRefused(problems)
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
        ExportRefused: after the last entity, with every file that could not be read.
    """
    problems: list[FileProblem] = []
    reads: list[EntityRead] = []
    _withdraw_verdict(export)
    connection = duckdb.connect()
    set_pseudonym_key(connection, patient_key)
    files = export.files
    try:
        with tempfile.TemporaryDirectory(prefix="triune-read-") as scratch:
            for entity in export.profile.entities:
                of_entity = [file for file in files if file.entity == entity]
                if not of_entity:
                    export.store.forget(export.profile.source, entity, export.days)
                    export.failing_rows(entity).unlink(missing_ok=True)
                    continue
                try:
                    contract = export.contracts[entity]
                    read = read_entity(connection, of_entity, export.profile, contract, export.store, Path(scratch))
                except ExportRefused as refused:
                    problems += refused.problems
                    continue
                reads.append(read)
                yield read
    finally:
        connection.close()
    if problems:
        raise ExportRefused(problems)
    _write_counts(export, [count for read in reads for count in read.days])


def guard_export(export: Export) -> Iterator[GuardResult]:
    """Runs the suite of every entity that was read; if no critical expectation fails, the days may be loaded."""
    counts = _read_counts(export)
    source = export.profile.source
    blocked = False
    with batch_engine() as engine:
        for entity in sorted({count.entity for count in counts}):
            failing_rows = export.failing_rows(entity)
            failing_rows.parent.mkdir(parents=True, exist_ok=True)
            days = [count.day for count in counts if count.entity == entity]
            paths = export.store.paths(source, entity, days)
            result = guard_batch(source, entity, paths, failing_rows, days=days, engine=engine)
            blocked = blocked or bool(result.blocked_days)
            yield result
    if not blocked:
        _verdict_file(export).touch()


def exports_to_load(
    profile: Profile, contracts: dict[str, Contract], landing: Path, store: BatchStore
) -> Iterator[Export]:
    """Readings of a source that have passed the guard and are not loaded yet, oldest days first."""
    for verdict in sorted((store.root / profile.source / _READINGS).glob(f"*{_PASSED}")):
        yield Export(profile, contracts, landing, store, sorted(_days_of(verdict.with_suffix(_COUNTS))))


def mark_loaded(export: Export) -> None:
    """Called when the warehouse holds the export. A crash before this loads it once more, to the same rows."""
    _verdict_file(export).unlink()


def guarded_batches(export: Export) -> list[GuardedBatch]:
    """What the loader takes: one entry for every contract, also those that delivered nothing."""
    counts = _read_counts(export)
    files = export.files
    return [
        GuardedBatch(
            contract,
            [file for file in files if file.entity == entity],
            [count for count in counts if count.entity == entity],
            export.failing_rows(entity),
        )
        for entity, contract in export.contracts.items()
    ]


def _run_folder(export: Export) -> Path:
    return export.store.root / export.profile.source / _READINGS


def _counts_file(export: Export) -> Path:
    return _run_folder(export) / f"{export.days[0]}_{export.days[-1]}{_COUNTS}"


def _verdict_file(export: Export) -> Path:
    return _counts_file(export).with_suffix(_PASSED)


def _withdraw_verdict(export: Export) -> None:
    """Earlier readings that share a day with this one no longer describe what is in the batches."""
    _run_folder(export).mkdir(parents=True, exist_ok=True)
    for counts in _run_folder(export).glob(f"*{_COUNTS}"):
        if not _days_of(counts).isdisjoint(export.days):
            counts.with_suffix(_PASSED).unlink(missing_ok=True)
            counts.unlink()


def _days_of(counts: Path) -> set[date]:
    return {date.fromisoformat(day) for day in json.loads(counts.read_text(encoding="utf-8"))["days"]}


def _write_counts(export: Export, counts: list[DayCount]) -> None:
    reading = {"days": export.days, "counts": [asdict(count) for count in counts]}
    fresh = _counts_file(export).with_suffix(".new")
    fresh.write_text(json.dumps(reading, default=str), encoding="utf-8")
    fresh.replace(_counts_file(export))


def _read_counts(export: Export) -> list[DayCount]:
    entries = json.loads(_counts_file(export).read_text(encoding="utf-8"))["counts"]
    return [DayCount(**(entry | {"day": date.fromisoformat(entry["day"])})) for entry in entries]
