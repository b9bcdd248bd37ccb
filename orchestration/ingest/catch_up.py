"""Which landed days the warehouse does not hold yet, or holds in an older version."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from models.sources import Profile
from orchestration.ingest.landing import FileVersion, arrived_days, landed_files
from orchestration.ingest.loading.warehouse import open_warehouse


def days_to_catch_up(warehouse: Path, landing: Path, profile: Profile) -> list[date]:
    """Days that are not loaded, or of which a file has come, gone or changed since it was read, oldest first.

    Days that have not arrived completely are left out.
    """
    loaded = _loaded_files(warehouse, profile.source)
    days = arrived_days(landing, profile)
    files = landed_files(landing, profile, days)[0]
    stale = {file.day for file in files if not _is_loaded(loaded.get((file.day, file.entity, file.name)), file.path)}
    gone = {day for day, *_ in loaded.keys() - {(file.day, file.entity, file.name) for file in files}}
    known = {day for day, *_ in loaded}
    return [day for day in days if day in stale or day in gone or day not in known]


def _loaded_files(warehouse: Path, source: str) -> dict[tuple[date, str, str], FileVersion]:
    """(day, entity, file) → the version that was loaded."""
    if not warehouse.exists():
        return {}
    with open_warehouse(warehouse, read_only=True) as connection:
        if not connection.execute("select 1 from duckdb_tables() where table_name = 'load_log'").fetchall():
            return {}
        rows = connection.execute(
            """
            select export_date, entity, file, file_bytes, file_modified_ns, file_sha256
            from ops.load_log where _source = ?
            """,
            [source],
        ).fetchall()
    return {(day, entity, file): FileVersion(*version) for day, entity, file, *version in rows}


def _is_loaded(loaded: FileVersion | None, path: Path) -> bool:
    return loaded is not None and loaded.is_still(path)
