"""A small MIS to test the reader on: a contract with every type, its profile, and files written by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.contracts import Contract
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead, read_entity
from orchestration.ingest.landing import LandedFile

SOURCE, ENTITY = "little", "sales"
DAY = date(2026, 1, 5)
NEXT_DAY = date(2026, 1, 6)
KEY = b"a key of the clinic"

_COLUMNS: dict[str, dict[str, Any]] = {
    "sale_id": {"type": "string", "required": True},
    "clinic_id": {"type": "string"},
    "channel": {"type": "string", "label": True},
    "patient_id": {"type": "string", "privacy": "pseudonymise"},
    "document": {"type": "string", "privacy": "document"},
    "phone": {"type": "string", "privacy": "drop"},
    "birth_date": {"type": "date", "privacy": "year"},
    "visits": {"type": "integer"},
    "net_amount": {"type": "amount"},
    "units": {"type": "quantity"},
    "sold_on": {"type": "date"},
    "opens_at": {"type": "time"},
    "sold_at": {"type": "timestamp"},
    "is_new": {"type": "boolean"},
}
CONTRACT = Contract.model_validate(
    {
        "entity": ENTITY,
        "grain": "one sale",
        "kind": "fact",
        "key": ["sale_id"],
        "day": "sold_at",
        "columns": {name: {"description": name, **column} for name, column in _COLUMNS.items()},
    }
)
# Headers of the file, by column of the contract.
HEADERS = {
    "sale_id": "Номер",
    "clinic_id": "Филиал",
    "channel": "Канал",
    "patient_id": "Карта",
    "document": "СНИЛС",
    "phone": "Телефон",
    "birth_date": "Родился",
    "visits": "Визиты",
    "net_amount": "Сумма",
    "units": "Кол-во",
    "sold_on": "День",
    "opens_at": "Время",
    "sold_at": "Оказано",
    "is_new": "Новый",
}


def profile(columns: Mapping[str, Any] | None = None, **changes: Any) -> Profile:
    """The MIS's profile. `columns` are the mapped ones (default: a plain rename of every column); `changes` go to the
    profile, or to the entity where they are its settings."""
    entity = {key: changes.pop(key) for key in list(changes) if key in _ENTITY_SETTINGS}
    settings: dict[str, Any] = {
        "source": SOURCE,
        "title": "A little MIS",
        "delivery": "daily",
        "time_zone": "UTC",
        "text": {"encoding": "utf-8", "delimiter": ";", "decimal_mark": ","},
        "formats": {
            "date": "%d.%m.%Y",
            "timestamp": ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"],
            "time": "%H:%M",
        },
        "booleans": {"true": ["Да", "1"], "false": ["Нет", "0"]},
        **changes,
        "entities": {
            ENTITY: {"file": "sales.csv", "mode": "delta", **entity, "columns": columns or HEADERS},
        },
    }
    return Profile.model_validate(settings)


_ENTITY_SETTINGS = (
    "file",
    "format",
    "sheet",
    "rows",
    "each",
    "lookups",
    "unpivot",
    "fill_down",
    "distinct",
    "where",
    "deleted_when",
    "ignore",
    "unknown_columns",
    "required",
)


def _connect() -> duckdb.DuckDBPyConnection:
    # A test rewrites a file more often than its time of change can tell; the program opens a connection per reading.
    return duckdb.connect(config={"enable_external_file_cache": "false", "threads": "1"})


@dataclass
class Reader:
    """Reads hand-written files and shows what came of them."""

    folder: Path
    key: bytes = KEY
    connection: duckdb.DuckDBPyConnection = field(default_factory=_connect)

    @property
    def store(self) -> BatchStore:
        return BatchStore(self.folder / "batches")

    def land(
        self, content: str | bytes, day: date = DAY, name: str = "sales.csv", encoding: str = "utf-8"
    ) -> LandedFile:
        """Puts a file into the day's folder; a name such as `a.zip!b.csv` puts it into an archive."""
        name, _, member = name.partition("!")
        path = self.folder / "landing" / SOURCE / str(day) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode(encoding) if isinstance(content, str) else content
        if member:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(member, data)
        else:
            path.write_bytes(data)
        return LandedFile(SOURCE, day, ENTITY, path.parent, path, member or None, profile())

    def read(self, files: LandedFile | list[LandedFile], of: Profile | None = None) -> EntityRead:
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        listed = [files] if isinstance(files, LandedFile) else files
        if of is not None:
            listed = [replace(file, profile=of) for file in listed]
        return read_entity(listed, CONTRACT, self.store, scratch, self.key)

    def typed(self, *columns: str, days: tuple[date, ...] = (DAY,)) -> list[tuple[Any, ...]]:
        """Rows of the batches, in order of day, row and file."""
        return self._rows(self.store.paths(SOURCE, ENTITY, days), columns)

    def quarantined(self, *columns: str, days: tuple[date, ...] = (DAY,)) -> list[tuple[Any, ...]]:
        """Rows of the quarantine, in order of day, row and file."""
        return self._rows(self.store.quarantine_paths(SOURCE, ENTITY, days), columns)

    def _rows(self, paths: list[Path], columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if not paths:
            return []
        listed = ", ".join(f"'{path}'" for path in paths)
        query = f"select {', '.join(columns)} from read_parquet([{listed}], hive_partitioning = false)"
        return self.connection.execute(f"{query} order by _export_date, _row, _file").fetchall()

    def one(self, column: str, cell: str, of: Profile | None = None) -> tuple[Any, str | None]:
        """What becomes of one cell of one column: its typed value, and the rule that it breaks."""
        chosen = of or profile({"sale_id": HEADERS["sale_id"], column: HEADERS[column]})
        quoted = '"' + cell.replace('"', '""') + '"'
        self.read(self.land(f"{HEADERS['sale_id']};{HEADERS[column]}\nS1;{quoted}\n"), chosen)
        stored = "birth_year" if column == "birth_date" else column
        values = self.typed(stored)
        rules = self.quarantined("rule")
        return (values[0][0] if values else None), (rules[0][0] if rules else None)
