"""Finds what has landed: which days of a source are there, whether they are complete, and which bytes they hold."""

from __future__ import annotations

import fnmatch
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from models.sources import Profile
from orchestration.ingest.refusal import FileProblem

ARCHIVE_SEPARATOR = "!"


@dataclass(frozen=True)
class FileVersion:
    """Which bytes a file held when it was looked at; the time of change is cheap to compare, the checksum decides."""

    size: int
    modified_ns: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileVersion:
        stat = path.stat()
        with path.open("rb") as file:
            return cls(stat.st_size, stat.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest())

    def is_still(self, path: Path) -> bool:
        """Whether `path` holds the same bytes; they are read only if its time of change is another."""
        stat = path.stat()
        if stat.st_size != self.size:
            return False
        return stat.st_mtime_ns == self.modified_ns or FileVersion.of(path).sha256 == self.sha256


@dataclass(frozen=True)
class LandedFile:
    """One file of one entity and day. `member` names the file inside an archive, `profile` says how to read it."""

    source: str
    day: date
    entity: str
    # The day's folder, or the clinic's inside it.
    folder: Path
    path: Path
    member: str | None
    profile: Profile = field(compare=False, repr=False)
    # Of a workbook that is one entity in several parts.
    sheet: str | None = None

    @property
    def name(self) -> str:
        """As a person would look for it: `2026-01-05/visits.csv`, `…/synthea.zip!claims.csv`, `…/visits.xlsx!May`."""
        inside = "".join(f"{ARCHIVE_SEPARATOR}{name}" for name in (self.member, self.sheet) if name)
        # A draft's folder is not named after a day.
        of_day = "/".join(self.folder.parts).rpartition(f"/{self.day}/")
        clinic = f"{of_day[2]}/" if of_day[1] else ""
        return f"{self.day}/{clinic}{self.path.relative_to(self.folder)}{inside}"

    def beside(self, file: str) -> LandedFile:
        """Another file of the same folder."""
        name, _, member = file.partition(ARCHIVE_SEPARATOR)
        return replace(self, path=self.folder / name, member=member or None, sheet=None)

    def problem(self, reason: str, remedy: str, row: int | None = None) -> FileProblem:
        return FileProblem(self.source, self.day, self.entity, self.name, reason, remedy, row)


def landed_days(landing: Path, source: str) -> list[date]:
    """Days of `source` that have a folder, oldest first. Folders with other names are not exports."""
    folder = landing / source
    if not folder.is_dir():
        return []
    return sorted(day for child in folder.iterdir() if child.is_dir() and (day := _as_day(child.name)))


def landed_files(landing: Path, profile: Profile, days: list[date]) -> tuple[list[LandedFile], list[FileProblem]]:
    """Files of `days` by the profile, and a problem for each required file that is not there."""
    files: dict[LandedFile, None] = {}
    problems: list[FileProblem] = []
    for day in days:
        for part in profile.parts(day):
            folder = landing / profile.source / str(day) / part.folder
            for entity, mapping in part.profile.entities.items():
                of_part: dict[LandedFile, None] = {}
                for pattern in mapping.files:
                    wanted = LandedFile(profile.source, day, entity, folder, folder, None, part.profile).beside(pattern)
                    sheet = mapping.sheet if entity in part.shared else None
                    found = [replace(file, sheet=sheet) for file in matching_files(wanted)]
                    of_part |= dict.fromkeys(found)
                    if mapping.required and not found:
                        reason, remedy = "the file is missing", f"Export it to {wanted.path}, then run the day again"
                        problems.append(wanted.problem(reason, remedy))
                problems += [_read_twice(file) for file in of_part if file in files]
                files |= {file: None for file in of_part if file not in files}
    return list(files), problems


def _read_twice(file: LandedFile) -> FileProblem:
    """Each of its rows would count twice."""
    return file.problem("two parts of the entity read this file", "Let their patterns in the profile name other files")


def matching_files(wanted: LandedFile) -> Iterator[LandedFile]:
    """Files that are there by a name or a pattern; patterns of archive members too."""
    name = str(wanted.path.relative_to(wanted.folder))
    for path in sorted(wanted.folder.glob(name)) if _is_pattern(name) else [wanted.path]:
        if not path.is_file():
            continue
        if wanted.member is None or not _is_pattern(wanted.member):
            yield replace(wanted, path=path)
            continue
        for member in sorted(fnmatch.filter(_members(path), wanted.member)):
            yield replace(wanted, path=path, member=member)


def _members(path: Path) -> list[str]:
    """Names inside an archive; none if it is damaged, which is told when it is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*?[")


def arrived_days(landing: Path, profile: Profile) -> list[date]:
    """Landed days whose upload is over as far as the profile can tell: those without their marker are left out."""
    return [day for day in landed_days(landing, profile.source) if has_arrived(landing, profile, day)]


def has_arrived(landing: Path, profile: Profile, day: date) -> bool:
    """Whether the marker of `day` is there, if the profile names one."""
    return profile.arrival.marker is None or (landing / profile.source / str(day) / profile.arrival.marker).is_file()


def is_complete(landing: Path, profile: Profile, day: date) -> bool:
    """Whether every required file of `day` is there, and the marker."""
    return has_arrived(landing, profile, day) and not landed_files(landing, profile, [day])[1]


def size_fingerprint(landing: Path, profile: Profile, day: date) -> str:
    """Names, sizes and times of the day's files: cheap to compare, and equal while nothing is being copied."""
    files, _ = landed_files(landing, profile, [day])
    return _fingerprint([file.path for file in files])


def marker_fingerprint(landing: Path, profile: Profile, day: date) -> str | None:
    """The same of the marker; it changes when an uploader that is done writes it anew. None: the profile names none."""
    marker = profile.arrival.marker
    return _fingerprint([landing / profile.source / str(day) / marker]) if marker else None


def _fingerprint(paths: list[Path]) -> str:
    stats = [(path.name, path.stat()) for path in paths]
    text = "\n".join(sorted({f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats}))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _as_day(name: str) -> date | None:
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    # Python also reads 20260105 and 2026-W02-1; the files of a day are looked for under one name.
    return day if str(day) == name else None
