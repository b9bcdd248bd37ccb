"""A check or a batch that is defective raises; it is never taken for bad data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from valid_rows import CONTRACTS, DAY, SOURCE, guard_rows, rows_of, valid_row, write_batch

from expectations import guard
from expectations.batch import BatchDefectError
from expectations.engine import BatchEngine, CheckFailedToRunError
from expectations.guard import guard_batch
from expectations.rules import Rule, Severity, row_rule
from expectations.suites import Suite, load_suite


def _replace_rules(monkeypatch: pytest.MonkeyPatch, entity: str, *rules: Rule) -> None:
    suite = Suite(load_suite(entity).contract, rules)
    monkeypatch.setattr(guard, "load_suite", lambda name: suite)


def test_an_expectation_that_cannot_be_evaluated_is_an_error(
    engine: BatchEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = row_rule("asks_for_the_moon", "moon > 1", "Why.", columns=("moon",), severity=Severity.WARN)
    _replace_rules(monkeypatch, "payments", broken, *load_suite("payments").rules)
    with pytest.raises(
        CheckFailedToRunError, match=r"1 expectations could not be evaluated. asks_for_the_moon: .*moon"
    ):
        guard_rows("payments", rows_of("payments", {}), engine, tmp_path)


def test_an_expectation_that_fails_on_some_values_only_is_an_error(
    engine: BatchEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflows = row_rule(
        "overflows", "payment_amount * payment_amount > 1", "Why.", columns=("payment_amount",), severity=Severity.ERROR
    )
    _replace_rules(monkeypatch, "payments", overflows)
    rows = rows_of("payments", {"payment_amount": Decimal("9999999999999999.99")})
    with pytest.raises(CheckFailedToRunError, match=r"overflows: .*Overflow"):
        guard_rows("payments", rows, engine, tmp_path)


def test_no_suite_overflows_on_the_largest_values(engine: BatchEngine, tmp_path: Path) -> None:
    for entity, contract in CONTRACTS.items():
        largest: dict[str, Any] = {
            "DECIMAL(18,2)": Decimal("9999999999999999.99"),
            "DECIMAL(18,4)": Decimal("99999999999999.9999"),
            "BIGINT": 2**63 - 1,
            "TIMESTAMP": datetime(9999, 12, 31, 23, 59, 59),
            "DATE": date(9999, 12, 31),
        }
        smallest: dict[str, Any] = {
            kind: -value for kind, value in largest.items() if isinstance(value, (Decimal, int))
        }
        smallest |= {"TIMESTAMP": datetime(1, 1, 1), "DATE": date(1, 1, 1)}
        rows = [
            valid_row(contract, number)
            | {name: extreme[kind] for name, kind in contract.stored_columns.items() if kind in extreme}
            for number, extreme in enumerate((largest, smallest), start=1)
        ]
        assert guard_rows(entity, rows, engine, tmp_path).rows_checked == 2


def test_a_standard_expectation_and_its_row_query_must_agree(
    engine: BatchEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = next(rule for rule in load_suite("payments").rules if rule.name == "clinic_id_is_given")
    _replace_rules(monkeypatch, "payments", replace(given, fails="clinic_id = 'nobody'"))
    with pytest.raises(CheckFailedToRunError, match="must say the same"):
        guard_rows("payments", rows_of("payments", {"clinic_id": None}), engine, tmp_path)


@pytest.mark.parametrize(
    ("replacement", "message"),
    [
        ("* EXCLUDE (payer)", r"missing: \['payer'\]"),
        ("*, 1 AS extra", r"unknown: \['extra'\]"),
        ("* REPLACE (payment_amount::DOUBLE AS payment_amount)", "payment_amount DOUBLE"),
        ("* REPLACE ('other_mis' AS _source)", "other_mis"),
        ("* REPLACE (DATE '2025-03-09' AS _export_date)", "2025-03-09"),
    ],
)
def test_a_batch_that_is_not_the_contracts_is_a_defect_of_the_reader(
    replacement: str, message: str, engine: BatchEngine, tmp_path: Path
) -> None:
    path = write_batch(tmp_path / "right.parquet", CONTRACTS["payments"], rows_of("payments", {}))
    wrong = tmp_path / "wrong.parquet"
    duckdb.execute(f"COPY (SELECT {replacement} FROM '{path}') TO '{wrong}' (FORMAT parquet)")
    with pytest.raises(BatchDefectError, match=message):
        guard_batch(SOURCE, "payments", [wrong], days=[DAY], engine=engine)
