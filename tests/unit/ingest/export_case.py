"""A landing folder with exports of two entities, one of them optional, and the export found in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.contracts import load_contracts
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.export import Export, export_to_load, find_export, read_export

CONTRACTS = load_contracts()
DAY1, DAY2, DAY3 = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
CLINICS = "id,name,currency\nK1,Centre,RUB\n"
REFERRALS = "id,clinic,patient,at\nR1,K1,P1,2026-01-05 09:00:00\nR2,K1,P2,2026-01-05 09:30:00\n"


def little_mis(delivery: str = "daily", files: dict[str, str] | None = None) -> Profile:
    """Clinics are required, referrals are not."""
    names = {"clinics": "clinics.csv", "referrals": "referrals.csv"} | (files or {})
    return Profile.model_validate(
        {
            "source": "little",
            "title": "A little MIS",
            "delivery": delivery,
            "time_zone": "UTC",
            "entities": {
                "clinics": {
                    "file": names["clinics"],
                    "mode": "full",
                    "columns": {
                        "clinic_id": "id",
                        "clinic_name": "name",
                        "time_zone": {"constant": "UTC"},
                        "currency": "currency",
                    },
                },
                "referrals": {
                    "file": names["referrals"],
                    "mode": "delta",
                    "required": False,
                    "columns": {
                        "referral_id": "id",
                        "clinic_id": "clinic",
                        "patient_id": "patient",
                        "from_employee_id": {"constant": "E1"},
                        "referred_at": "at",
                    },
                },
            },
        }
    )


@dataclass
class Landing:
    """The landing folder and what the pipeline makes of it."""

    folder: Path
    profile: Profile

    @property
    def path(self) -> Path:
        return self.folder / "landing"

    @property
    def store(self) -> BatchStore:
        return BatchStore(self.folder / "batches")

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def put(self, day: date | str, name: str = "clinics.csv", text: str = CLINICS) -> Path:
        path = self.path / self.profile.source / str(day) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def find(self, *days: date) -> Export:
        return find_export(self.profile, CONTRACTS, self.path, self.store, list(days))

    def read(self, *days: date) -> list[EntityRead]:
        return list(read_export(self.find(*days), b"key"))

    def to_load(self) -> list[date]:
        """Days that wait for the loader."""
        export = export_to_load(self.profile, CONTRACTS, self.path, self.store)
        return export.days if export else []
