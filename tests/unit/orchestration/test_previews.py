"""What the web UI shows of a day: counts, reasons, a few rows; never a private value."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from expectations.results import ExpectationResult, SampleRow
from expectations.rules import Severity
from models.contracts import Contract, load_contracts
from orchestration.assets.previews import batch_rows, failures_table, quarantine_table
from orchestration.ingest.batch_store import BatchStore

DAY = date(2026, 1, 5)


@pytest.fixture
def employees() -> Contract:
    return load_contracts()["employees"]


def _records(table: dg.TableMetadataValue) -> list[dict[str, object]]:
    return [dict(record.data) for record in table.records]


def _parquet(path: Path, query: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")
    return path


def test_rows_stand_upright_without_pay(employees: Contract, tmp_path: Path) -> None:
    columns = ", ".join(f"'{name} 1'::varchar as {name}" for name in employees.stored_columns)
    path = _parquet(tmp_path / "a.parquet", f"select {columns}, 'f.csv' as _file, 2 as _row from range(9)")
    rows = _records(batch_rows(duckdb.connect(), [path], employees))
    assert rows[0] == {"column": "", "example_1": "f.csv row 2", "example_2": "f.csv row 2"}
    shown = {row["column"]: row["example_1"] for row in rows[1:]}
    assert shown["employee_id"] == "employee_id 1"
    assert set(employees.stored_columns) - set(shown) == {"salary_amount"}


def test_rows_of_patients_show_no_private_column(tmp_path: Path) -> None:
    patients = load_contracts()["patients"]
    columns = ", ".join(f"'{name} 1'::varchar as {name}" for name in patients.stored_columns)
    path = _parquet(tmp_path / "a.parquet", f"select {columns}, 'f.csv' as _file, 2 as _row")
    shown = {row["column"] for row in _records(batch_rows(duckdb.connect(), [path], patients))}
    assert shown == {"", "sex", "clinic_id", "channel", "registered_on"}


def test_an_entity_without_rows_has_an_empty_table(employees: Contract) -> None:
    assert _records(batch_rows(duckdb.connect(), [], employees)) == []


def test_quarantine_is_told_by_reason_with_the_first_row(tmp_path: Path) -> None:
    store = BatchStore(tmp_path)
    for folder, column, rule in (
        (store.quarantine_folder("mis", "payments"), "'paid_at'", "not_a_date_and_time"),
        (store.refused_folder("mis", "payments"), "'payment_id'", "key_is_unique"),
    ):
        _parquet(
            folder / f"_export_date={DAY}" / "a.parquet",
            f"select 'd/payments.csv' as _file, 9 - number as _row, {column} as column_name, '{rule}' as rule, "
            f"'SECRET' as value from range({len(rule) % 7 + 1}) as numbers(number)",
        )
    table = quarantine_table(store, "mis", [("payments", [DAY]), ("leads", [DAY])])
    assert _records(table) == [
        {"rows": 7, "where": "payments.payment_id", "why": "key is unique", "example": "d/payments.csv row 3"},
        {"rows": 6, "where": "payments.paid_at", "why": "not a date and time", "example": "d/payments.csv row 4"},
    ]
    assert _records(quarantine_table(store, "mis", [])) == []


def test_failures_show_where_the_first_failing_rows_are() -> None:
    samples = tuple(SampleRow(DAY, "d/payments.csv", row, "payment_amount", "-5.00") for row in range(2, 7))
    failed = ExpectationResult("is_positive", Severity.ERROR, "Because.", 100, 5, (DAY,), samples)
    (record,) = _records(failures_table([failed]))
    assert record["failed"] == "5 of 100"
    assert record["first_failing_rows"] == "; ".join(
        f"d/payments.csv row {row}: payment_amount = -5.00" for row in (2, 3, 4)
    )


def test_what_blocks_the_day_stands_above_what_is_only_reported() -> None:
    failed = [ExpectationResult(f"{s}_rule", s, "Because.", 1, 1, (DAY,), ()) for s in reversed(Severity)]
    records = _records(failures_table(failed))
    assert [record["severity"] for record in records] == ["critical", "error", "warn"]
