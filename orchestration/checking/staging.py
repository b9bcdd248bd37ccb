"""Lays a folder of files out as the landing that the reader expects, by links: nothing is copied or changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orchestration.ingest.landing import landed_days


class NothingToCheckError(ValueError):
    """There are no files of the day that was asked for."""


def stage(folder: Path, source: str, day: date | None, scratch: Path) -> list[date]:
    """Makes `scratch`/<source>/<day>/ for each day of `folder`, which holds a folder a day or one day's files.

    Raises:
        NothingToCheckError: the folder or the day is not there.
    """
    if not folder.is_dir():
        raise NothingToCheckError(f"there is no folder {folder}")
    days = {found: folder / str(found) for found in landed_days(folder.resolve().parent, folder.resolve().name)}
    if not days:
        days = {day or _named_day(folder) or date.today(): folder}
    elif day:
        if day not in days:
            raise NothingToCheckError(f"{folder} holds nothing of {day}; it has {min(days)} to {max(days)}")
        days = {day: days[day]}
    (scratch / source).mkdir(parents=True)
    for found, path in days.items():
        (scratch / source / str(found)).symlink_to(path.resolve(), target_is_directory=True)
    return sorted(days)


def _named_day(folder: Path) -> date | None:
    try:
        return date.fromisoformat(folder.resolve().name)
    except ValueError:
        return None
