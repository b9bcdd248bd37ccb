"""Lands the export days of a database: a folder of Parquet files of text and a manifest per day, or nothing of the day.

A day that has landed is kept as it is, like any other export: running it again reads the same files and asks the
database nothing. A day that was landed before it was over is landed again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from models.contracts import Contract
from models.sources import Profile
from orchestration.ingest.database.cells import UnreadableCellsError
from orchestration.ingest.database.connection import DatabaseError, database_url, explained, read_only_snapshot
from orchestration.ingest.database.cursor_window import CursorError, CursorKind, Landed, Reach, Window, window_of
from orchestration.ingest.database.manifest import LandedEntity, Manifest, read_manifests
from orchestration.ingest.database.rows import cursor_kind, write_rows
from orchestration.ingest.refusal import ExportRefused, FileProblem

_A_DAY = timedelta(days=1)


class DatabaseAway(ExportRefused):
    """The database cannot be reached, or was lost: it may be back in a moment."""


@dataclass(frozen=True)
class DatabaseSource:
    """A profile whose source is a database, where its days land, and what time it is."""

    profile: Profile
    contracts: dict[str, Contract]
    landing: Path
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.profile.time_zone.default)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def yesterday(self) -> date:
        return self.today - _A_DAY

    @property
    def variable(self) -> str:
        assert self.profile.database is not None
        return self.profile.database.dsn_env

    def manifests(self) -> dict[date, Manifest]:
        return {manifest.day: manifest for manifest in read_manifests(self.landing, self.profile.source)}

    def wanting(self, days: list[date]) -> list[date]:
        """Those of `days` that have not landed, or did before they were over."""
        manifests = self.manifests()
        return [day for day in sorted(days) if day not in manifests or not self._was_over(manifests[day])]

    def behind(self) -> list[date]:
        """Days to catch up: from the last landed one to yesterday; if there is none, yesterday with all before it."""
        landed = sorted(self.manifests())
        if not landed:
            return [self.yesterday]
        since = (self.yesterday - landed[-1]).days
        return self.wanting([*landed, *(landed[-1] + _A_DAY * number for number in range(1, since + 1))])

    def problem(self, day: date, error: DatabaseError, entity: str = "database") -> FileProblem:
        mapping = self.profile.entities.get(entity)
        where = (mapping.table or "query") if mapping else f"${self.variable}"
        return FileProblem(self.profile.source, day, entity, where, error.reason, error.remedy)

    def _was_over(self, manifest: Manifest) -> bool:
        return manifest.snapshot_at >= datetime.combine(manifest.day + _A_DAY, time(), self.zone)


def land_days(source: DatabaseSource, days: list[date], dsn: str | None) -> Iterator[LandedEntity]:
    """Lands those of `days` that want it, oldest first: each day whole, from one state of the database.

    Without a DSN a source of which nothing has ever landed is one that is not in use: like a folder without exports.

    Raises:
        ExportRefused: with everything that is wrong with a day; nothing of it has landed. Days before it have.
    """
    if dsn is None and not source.manifests():
        return
    for day in source.wanting(days):
        try:
            if dsn is None:
                raise DatabaseError(f"${source.variable} is not set", "Set it to the DSN of a user who may only read")
            if day > source.today:
                raise DatabaseError("the day has not begun", f"Today is {source.today} in {source.zone}")
            url = database_url(dsn, source.variable)
            yield from _land_day(source, day, url)
        except DatabaseError as error:
            refused = DatabaseAway if error.may_pass else ExportRefused
            raise refused([source.problem(day, error)]) from None


def _land_day(source: DatabaseSource, day: date, url: sa.URL) -> Iterator[LandedEntity]:
    folder = source.landing / source.profile.source / str(day)
    # A name that is no day is not looked at; what an MIS holds is for its owner only.
    part = folder.with_name(f".{day}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        landed: dict[str, LandedEntity] = {}
        problems: list[FileProblem] = []
        others = [manifest for manifest in source.manifests().values() if manifest.day != day]
        with read_only_snapshot(url, source.variable) as connection:
            for entity in source.profile.entities:
                try:
                    landed[entity] = _land_entity(source, day, entity, others, connection, part)
                except DatabaseError as error:
                    problems.append(source.problem(day, error, entity))
                    if error.may_pass:
                        raise DatabaseAway(problems) from None
                    continue
                yield landed[entity]
        if problems:
            raise ExportRefused(problems)
        Manifest(source.profile.source, day, source.now.astimezone(UTC), landed).write(part)
        _replace(folder, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _land_entity(
    source: DatabaseSource, day: date, entity: str, others: list[Manifest], connection: sa.Connection, folder: Path
) -> LandedEntity:
    mapping = source.profile.entities[entity]
    path = folder / mapping.files[0]
    relation = mapping.table or mapping.query or ""
    try:
        # What fails here is undone here, so that the entities behind it are tried, too.
        with connection.begin_nested():
            kind = cursor_kind(connection, mapping) if mapping.cursor else None
            before, behind = _neighbours(day, entity, mapping.cursor, kind, others)
            window = Window(None, None)
            if kind is not None:
                is_newest = day >= source.yesterday
                window = window_of(
                    day, kind, source.zone, mapping.lookback, before=before, behind=behind, is_newest=is_newest
                )
            rows, newest = write_rows(connection, mapping, source.contracts[entity], kind, window, path)
    except CursorError as error:
        raise DatabaseError(f"the cursor '{mapping.cursor}' {error}", "Name another column in the profile") from None
    except UnreadableCellsError as error:
        raise DatabaseError(str(error), "Cast it to text in a query, or do not map it") from None
    except (sa.exc.SQLAlchemyError, UnicodeError) as error:
        raise explained(error, connection.engine.url) from None
    if mapping.cursor is None or kind is None:
        return LandedEntity(entity, relation, rows)
    after = before.reach.newest if before else None
    since, until = (None if bound is None else str(bound) for bound in (window.since, window.until))
    reach = Reach(mapping.cursor, kind, after, after if newest is None else newest)
    return LandedEntity(entity, relation, rows, since, until, reach)


def _neighbours(
    day: date, entity: str, cursor: str | None, kind: CursorKind | None, others: list[Manifest]
) -> tuple[Landed | None, Landed | None]:
    """The nearest landed days before and behind `day` in which the entity has this cursor."""
    landed = [
        Landed(manifest.day, found.reach)
        for manifest in others
        if (found := manifest.entities.get(entity))
        and found.reach
        and (found.reach.column, found.reach.kind) == (cursor, kind)
    ]
    earlier, later = [one for one in landed if one.day < day], [one for one in landed if one.day > day]
    return (earlier[-1] if earlier else None), (later[0] if later else None)


def _replace(folder: Path, part: Path) -> None:
    """The folder is the new one, the old one, or, between two renames, not there: then the day is landed again."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
