"""Where batches are kept, and how many rows of which file each holds.

batches/<source>/<entity>/_export_date=<day>/*.parquet      rows that fit the contract
batches/<source>/<entity>/quarantine/_export_date=<day>/    … and those that do not, each with its reasons
batches/<source>/<entity>/refused/_export_date=<day>/       rows of the batch that the guard refused, with theirs
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.surroundings import FileFacts
from models.contracts import Contract
from orchestration.ingest.landing import FileVersion, LandedFile


@dataclass(frozen=True)
class DayCount:
    """Rows of one file of one entity and day: `read = typed + quarantined`. For the others see `FileFacts`."""

    entity: str
    day: date
    file: str
    version: FileVersion
    rows_read: int
    rows_typed: int
    columns: Sequence[tuple[str, str | None, int]] = ()
    controls: Sequence[tuple[str, str | None, str | None]] = ()

    @property
    def rows_quarantined(self) -> int:
        return self.rows_read - self.rows_typed

    def facts(self) -> FileFacts:
        """What the guard compares with earlier deliveries."""
        return FileFacts(
            self.entity, self.day, self.file, self.version.sha256, self.rows_read, self.columns, self.controls
        )


def counted_by_file(
    rows: Iterable[tuple[date, str, int]], files: Iterable[DayCount | LandedFile]
) -> Counter[tuple[date, str]]:
    """Counts by (day, file) of counts by (day, `_file`).

    Of an unpivoted row this names its column too, of an element its number: `hours.xlsx[Monday]`, `Invoice.ndjson[2]`.
    """
    names = {(file.day, file.file if isinstance(file, DayCount) else file.name) for file in files}
    counted: Counter[tuple[date, str]] = Counter()
    for day, name, count in rows:
        counted[(day, name) if (day, name) in names else (day, name.rpartition("[")[0])] += int(count)
    return counted


@dataclass(frozen=True)
class GuardedBatch:
    """What the loader needs of one entity: what was read of it on which days."""

    contract: Contract
    counts: list[DayCount]

    @property
    def days(self) -> list[date]:
        return sorted({count.day for count in self.counts})


@dataclass(frozen=True)
class BatchStore:
    """Where batches are kept."""

    root: Path

    @property
    def scratch(self) -> Path:
        """Where exports are decoded; empty while nothing is read."""
        return self.root / "_scratch"

    def folder(self, source: str, entity: str) -> Path:
        return self.root / source / entity

    def quarantine_folder(self, source: str, entity: str) -> Path:
        return self.folder(source, entity) / "quarantine"

    def refused_folder(self, source: str, entity: str) -> Path:
        return self.folder(source, entity) / "refused"

    def paths(self, source: str, entity: str, days: Iterable[date]) -> list[Path]:
        """Parquet files of `days`, in order of day; so do the other two."""
        return _parquet_files(self.folder(source, entity), days)

    def quarantine_paths(self, source: str, entity: str, days: Iterable[date]) -> list[Path]:
        return _parquet_files(self.quarantine_folder(source, entity), days)

    def refused_paths(self, source: str, entity: str, days: Iterable[date]) -> list[Path]:
        return _parquet_files(self.refused_folder(source, entity), days)

    def forget(self, source: str, entity: str, days: Iterable[date]) -> None:
        """Removes what an earlier reading of these days left."""
        folders = [at(source, entity) for at in (self.folder, self.quarantine_folder, self.refused_folder)]
        for day in days:
            for folder in folders:
                shutil.rmtree(_day_folder(folder, day), ignore_errors=True)


def _day_folder(folder: Path, day: date) -> Path:
    return folder / f"_export_date={day}"


def _parquet_files(folder: Path, days: Iterable[date]) -> list[Path]:
    return [path for day in sorted(days) for path in sorted(_day_folder(folder, day).glob("*.parquet"))]
