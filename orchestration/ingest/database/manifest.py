"""The manifest beside a day's landed files: what was asked, how far the cursors got, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orchestration.ingest.database.cursor_window import CursorKind, CursorValue, Reach
from orchestration.ingest.landing import landed_days
from orchestration.ingest.refusal import ExportRefused, FileProblem

MANIFEST = "_manifest.json"


@dataclass(frozen=True)
class LandedEntity:
    """One table or query of one day. `since` and `until` are the window that was asked for, as text."""

    entity: str
    relation: str
    rows: int
    since: str | None = None
    until: str | None = None
    reach: Reach | None = None


@dataclass(frozen=True)
class Manifest:
    """What was landed of one day, and the moment whose state it shows."""

    source: str
    day: date
    snapshot_at: datetime
    entities: dict[str, LandedEntity]

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), default=str, ensure_ascii=False, indent=2)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifests(landing: Path, source: str) -> Iterator[Manifest]:
    """Manifests of every landed day, oldest first.

    Raises:
        ExportRefused: a folder has none, so that nobody can tell what is in it.
    """
    for day in landed_days(landing, source):
        path = landing / source / str(day) / MANIFEST
        try:
            yield _parsed(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            reason = "the folder was not landed from the database: its manifest is missing or broken"
            remedy = f"Move {path.parent} away; the day is then landed from the database"
            raise ExportRefused([FileProblem(source, day, "export", str(path), reason, remedy)]) from None


def _parsed(data: Any) -> Manifest:
    entities = {
        name: LandedEntity(**(entity | {"reach": _parsed_reach(entity["reach"])}))
        for name, entity in data["entities"].items()
    }
    snapshot_at = datetime.fromisoformat(data["snapshot_at"])
    return Manifest(data["source"], date.fromisoformat(data["day"]), snapshot_at, entities)


def _parsed_reach(data: Any) -> Reach | None:
    if data is None:
        return None
    kind = CursorKind(data["kind"])
    return Reach(data["column"], kind, _parsed_value(kind, data["after"]), _parsed_value(kind, data["newest"]))


def _parsed_value(kind: CursorKind, value: Any) -> CursorValue | None:
    if value is None or kind is CursorKind.NUMBER:
        return value
    return date.fromisoformat(value) if kind is CursorKind.DATE else datetime.fromisoformat(value)
