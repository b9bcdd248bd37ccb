"""Rows that satisfy every expectation, made from the contracts, and batches written of them and guarded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from expectations.batch import batch_columns
from expectations.engine import BatchEngine
from expectations.guard import guard_batch
from expectations.results import GuardResult
from models.contracts import HASHED, Contract, load_contracts

Row = dict[str, Any]

CONTRACTS = load_contracts()
SOURCE = "test_mis"
DAY = date(2025, 3, 3)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


# What the types alone do not tell: values that belong together.
_TOGETHER: dict[str, Any] = {
    "appointments": lambda day: {
        "booked_at": at(day, 9) - timedelta(days=3),
        "planned_start_at": at(day, 10),
        "planned_end_at": at(day, 10, 30),
        "arrived_at": at(day, 9, 55),
        "started_at": at(day, 10, 2),
        "ended_at": at(day, 10, 31),
        "status": "attended",
        "cancelled_by": None,
        "rescheduled_to_appointment_id": None,
    },
    "clinics": lambda day: {"time_zone": "Europe/Moscow", "currency": "RUB", "closed_on": None},
    "employee_scores": lambda day: {"score_month": day.replace(day=1)},
    "employees": lambda day: {"fte": Decimal("0.5"), "dismissed_on": None},
    "patients": lambda day: {"birth_year": 1980, "merged_into_patient_id": None},
    "plan_items": lambda day: {
        "declined_at": None,
        "price_amount": Decimal("33.33"),
        "quantity": Decimal("3"),
        "item_amount": Decimal("99.99"),
    },
    "resource_hours": lambda day: {"on_date": None, "weekday": 1, "opens_at": time(9), "closes_at": time(18)},
    "service_lines": lambda day: {
        "original_line_id": None,
        "discount_amount": Decimal("10.10"),
        "net_amount": Decimal("89.90"),
    },
    "shifts": lambda day: {"starts_at": at(day, 9), "ends_at": at(day, 15)},
    "stays": lambda day: {"departed_on": day + timedelta(days=14)},
}
# Optional columns without which a row says nothing.
_LEAST: dict[str, set[str]] = {
    "resource_hours": {"weekday", "valid_from"},
    "referrals": {"to_specialty"},
    "treatment_plans": {"clinic_id"},
}


def valid_row(contract: Contract, number: int, day: date = DAY) -> Row:
    """Row `number` of `day` with every column filled that may be."""
    row = {name: _value(contract, name, kind, number, day) for name, kind in contract.stored_columns.items()}
    row.update(_TOGETHER.get(contract.entity, lambda day: {})(day))
    place = {"_export_date": day, "_file": f"{day}/{contract.entity}.csv", "_row": number + 1}
    return row | {"_source": SOURCE, **place, "_is_deleted": False}


def minimal_row(contract: Contract, number: int, day: date = DAY) -> Row:
    """Row `number` of `day` with the required columns alone."""
    kept = {name for name, column in contract.columns.items() if column.required} | _LEAST.get(contract.entity, set())
    row = valid_row(contract, number, day)
    return {name: value if name in kept or name.startswith("_") else None for name, value in row.items()}


def write_batch(path: Path, contract: Contract, rows: Iterable[Row]) -> Path:
    """Parquet file of `rows` in the types of a batch."""
    columns = batch_columns(contract)
    with duckdb.connect() as connection:
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE batch ({declared})")
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"INSERT INTO batch VALUES ({marks})", [[row[name] for name in columns] for row in rows])
        connection.execute(
            "COPY batch TO $path (FORMAT parquet)".replace("$path", "'" + str(path).replace("'", "''") + "'")
        )
    return path


def rows_of(entity: str, *changes: Row, day: date = DAY) -> list[Row]:
    """Valid rows of `day`, one for each of `changes`, which replace its values."""
    return [valid_row(CONTRACTS[entity], number, day) | change for number, change in enumerate(changes, start=1)]


def guard_rows(entity: str, rows: list[Row], engine: BatchEngine, folder: Path, **options: Any) -> GuardResult:
    """What the guard says of `rows` as one file."""
    path = write_batch(folder / f"{entity}.parquet", CONTRACTS[entity], rows)
    return guard_batch(SOURCE, entity, [path], engine=engine, **options)


def pseudonym(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _value(contract: Contract, name: str, kind: str, number: int, day: date) -> Any:
    column = contract.columns.get(name)
    if column is not None and column.codes:
        return next(iter(column.codes))
    if column is not None and column.privacy in HASHED:
        return pseudonym(f"{name} {number} {day}")
    by_type = {
        "VARCHAR": f"{name} {number}",
        "BIGINT": 1,
        "DECIMAL(18,2)": Decimal("100.00"),
        "DECIMAL(18,4)": Decimal("1.0000"),
        "DATE": day,
        "TIME": time(12),
        "TIMESTAMP": at(day, 12),
        "BOOLEAN": True,
    }
    return by_type[kind]
