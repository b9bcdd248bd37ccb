"""What the guard hands on: complete failing rows, reasons, blocked days. A defective check is never bad data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from valid_rows import DAY, SOURCE, Row, valid_row, write_batch

from expectations import guard
from expectations.batch import BatchDefectError
from expectations.engine import BatchEngine, CheckFailedToRunError, batch_engine, gx_suite
from expectations.guard import guard_batch
from expectations.results import GuardResult
from expectations.rules import Severity, row_rule
from expectations.suites import Suite, load_suite
from models.contracts import load_contracts

CONTRACTS = load_contracts()
QUARANTINE_COLUMNS = ["_export_date", "_file", "_row", "column_name", "value", "rule", "reason"]


@pytest.fixture(scope="module")
def engine() -> Iterator[BatchEngine]:
    with batch_engine() as engine:
        yield engine


def _rows(entity: str, *changes: Row, day: date = DAY) -> list[Row]:
    return [valid_row(CONTRACTS[entity], n, day) | change for n, change in enumerate(changes, start=1)]


def _guard(entity: str, rows: list[Row], engine: BatchEngine, folder: Path, **options: Any) -> GuardResult:
    path = write_batch(folder / f"{entity}.parquet", CONTRACTS[entity], rows)
    return guard_batch(SOURCE, entity, [path], engine=engine, **options)


def _failing(result: GuardResult) -> list[Row]:
    assert result.failing_rows is not None
    assert result.failing_rows.column_names == QUARANTINE_COLUMNS
    return list(result.failing_rows.to_pylist())


def _replace_rules(monkeypatch: pytest.MonkeyPatch, entity: str, *rules: Any) -> None:
    suite = Suite(load_suite(entity).contract, rules)
    monkeypatch.setattr(guard, "load_suite", lambda name: suite)


def test_every_one_of_5000_bad_rows_is_returned(engine: BatchEngine, tmp_path: Path) -> None:
    path = write_batch(tmp_path / "one.parquet", CONTRACTS["payments"], _rows("payments", {}))
    many = tmp_path / "many.parquet"
    duckdb.execute(
        f"COPY (SELECT one.* REPLACE ('P' || i AS payment_id, i AS _row, if(i <= 300, NULL, clinic_id) AS clinic_id, "
        f"CAST(if(i <= 5000, -1, 1) AS DECIMAL(18, 2)) AS payment_amount) "
        f"FROM '{path}' AS one, range(1, 6001) AS n(i)) TO '{many}' (FORMAT parquet)"
    )
    failing = tmp_path / "quarantine" / "failing.parquet"

    result = guard_batch(SOURCE, "payments", [many], failing, engine=engine)

    assert result.failing_rows is None
    assert result.failing_rows_file == failing
    by_rule = duckdb.execute(
        f"SELECT rule, count(DISTINCT _row), min(_row), max(_row) FROM '{failing}' GROUP BY rule ORDER BY rule"
    ).fetchall()
    assert by_rule == [("clinic_id_is_given", 300, 1, 300), ("money_in_is_not_negative", 5000, 1, 5000)]
    assert (result.rows_checked, result.rows_to_quarantine) == (6000, 5000)
    counted = {found.name: found.rows_failed for found in result.failed}
    assert counted == {"clinic_id_is_given": 300, "money_in_is_not_negative": 5000}


def test_a_file_of_failing_rows_is_written_even_if_there_are_none(engine: BatchEngine, tmp_path: Path) -> None:
    failing = tmp_path / "failing.parquet"
    _guard("payments", _rows("payments", {}), engine, tmp_path, failing_rows_to=failing)
    found = duckdb.execute(f"FROM '{failing}'")
    assert [column[0] for column in found.description or []] == QUARANTINE_COLUMNS
    assert found.fetchall() == []


def test_of_rows_with_one_key_the_last_changed_is_kept_and_named(engine: BatchEngine, tmp_path: Path) -> None:
    changed = {"updated_at": datetime(2025, 3, 3, 20), "payment_id": "P", "_row": 2}
    older = changed | {"updated_at": datetime(2025, 3, 3, 19), "_row": 3}
    unknown = changed | {"updated_at": None, "_row": 4}

    failing = _failing(_guard("payments", _rows("payments", older, changed, unknown), engine, tmp_path))

    assert [(row["_row"], row["column_name"], row["value"]) for row in failing] == [
        (3, "payment_id", "P"),
        (4, "payment_id", "P"),
    ]
    assert all(row["reason"].endswith("Kept: row 2 of 2025-03-03/payments.csv.") for row in failing)


def test_of_rows_changed_at_once_the_last_of_the_file_is_kept(engine: BatchEngine, tmp_path: Path) -> None:
    rows = _rows(
        "payments", {"payment_id": "P", "_row": 2}, {"payment_id": "P", "_row": 9}, {"payment_id": "P", "_row": 5}
    )
    assert [row["_row"] for row in _failing(_guard("payments", rows, engine, tmp_path))] == [2, 5]


def test_a_key_may_come_again_on_another_day(engine: BatchEngine, tmp_path: Path) -> None:
    other = {"payment_id": "P", "_export_date": DAY + timedelta(days=1)}
    result = _guard("payments", _rows("payments", {"payment_id": "P"}, other), engine, tmp_path)
    assert result.failed == ()
    assert result.days == (DAY, DAY + timedelta(days=1))


def test_a_composite_key_counts_as_a_whole(engine: BatchEngine, tmp_path: Path) -> None:
    one = {"plan_id": "P", "plan_version": 1}
    two = {"plan_id": "P", "plan_version": 2}
    failing = _failing(_guard("treatment_plans", _rows("treatment_plans", one, two, two), engine, tmp_path))
    assert [(row["_row"], row["rule"]) for row in failing] == [(3, "key_is_unique")]
    assert "Here plan_version = 2." in failing[0]["reason"]


def test_quarantine_tells_the_value_and_what_it_contradicts(engine: BatchEngine, tmp_path: Path) -> None:
    rows = _rows("service_lines", {"net_amount": Decimal("90.00")})
    (row,) = _failing(_guard("service_lines", rows, engine, tmp_path))
    assert (row["column_name"], row["value"]) == ("net_amount", "90.00")
    assert "Here list_amount = 100.00, discount_amount = 10.10." in row["reason"]


def test_personal_values_and_pay_are_never_repeated(engine: BatchEngine, tmp_path: Path) -> None:
    patients = _rows("patients", {"patient_id": "Ivanova"}, {"birth_year": 1789}, {"merged_into_patient_id": "Petrov"})
    employees = _rows("employees", {"salary_amount": Decimal("-777.77")})
    appointments = _rows("appointments", {"patient_id": "Sidorov", "status": "?"})
    for entity, rows in (("patients", patients), ("employees", employees), ("appointments", appointments)):
        result = _guard(entity, rows, engine, tmp_path)
        told = json.dumps([_failing(result), result.check_rows(), result.summary()], default=str) + repr(result)
        assert result.failed
        for secret in ("Ivanova", "1789", "Petrov", "777.77", "Sidorov"):
            assert secret not in told, f"{secret} of {entity}"


def test_a_missing_personal_value_is_told_from_a_hidden_one(engine: BatchEngine, tmp_path: Path) -> None:
    rows = _rows("patients", {"patient_id": None}, {"birth_year": 1789})
    values = {row["column_name"]: row["value"] for row in _failing(_guard("patients", rows, engine, tmp_path))}
    assert values == {"patient_id": None, "birth_year": "(not shown)"}


def test_one_critical_row_blocks_its_day_and_no_other(engine: BatchEngine, tmp_path: Path) -> None:
    tomorrow = DAY + timedelta(days=1)
    result = _guard("clinics", _rows("clinics", {"currency": "rub"}, {"_export_date": tomorrow}), engine, tmp_path)
    assert result.blocked_days == (DAY,)
    assert [found.name for found in result.blocking(DAY)] == ["currency_is_three_capital_letters"]
    assert result.blocking(tomorrow) == ()
    assert result.rows_to_quarantine == 0


@pytest.mark.parametrize(("bad", "good", "is_blocked"), [(9, 0, False), (10, 40, False), (10, 39, True)])
def test_a_day_is_blocked_by_more_than_a_fifth_and_at_least_ten_bad_rows(
    bad: int, good: int, is_blocked: bool, engine: BatchEngine, tmp_path: Path
) -> None:
    rows = _rows("service_lines", *[{"net_amount": Decimal(0)}] * bad, *[{}] * good)
    result = _guard("service_lines", rows, engine, tmp_path)
    assert result.blocked_days == ((DAY,) if is_blocked else ())
    assert result.rows_to_quarantine == bad


def test_rows_without_a_key_block_the_day_too(engine: BatchEngine, tmp_path: Path) -> None:
    rows = _rows("payments", *[{"payment_id": None}] * 10, *[{}] * 10)
    assert _guard("payments", rows, engine, tmp_path).blocked_days == (DAY,)


def test_a_day_without_clinics_is_blocked(engine: BatchEngine, tmp_path: Path) -> None:
    days = [DAY, DAY + timedelta(days=1)]
    assert _guard("clinics", _rows("clinics", {}), engine, tmp_path, days=days).blocked_days == (days[1],)
    assert guard_batch(SOURCE, "clinics", [], days=days, engine=engine).blocked_days == tuple(days)


def test_a_day_without_facts_is_clean(engine: BatchEngine) -> None:
    result = guard_batch(SOURCE, "payments", [], days=[DAY], engine=engine)
    assert (result.failed, result.rows_checked, result.days) == ((), 0, (DAY,))


def test_neither_files_nor_days_is_refused(engine: BatchEngine) -> None:
    with pytest.raises(ValueError, match="name the export days"):
        guard_batch(SOURCE, "payments", [], engine=engine)


def test_many_files_and_odd_names_are_one_batch(engine: BatchEngine, tmp_path: Path) -> None:
    days = [DAY + timedelta(days=n) for n in range(20)]
    paths = []
    for day in days:
        folder = tmp_path / f"it's {{here}}: 100%/_export_date={day}"
        folder.mkdir(parents=True)
        rows = _rows("payments", {"payment_id": None} if day == days[7] else {}, day=day)
        paths.append(write_batch(folder / "data 0.parquet", CONTRACTS["payments"], rows))
    for some in (paths[5:10], paths):
        result = guard_batch(SOURCE, "payments", some, engine=engine)
        assert result.rows_checked == len(some)
        assert [(row["_export_date"], row["rule"]) for row in _failing(result)] == [(days[7], "payment_id_is_given")]


def test_an_expectation_that_cannot_be_evaluated_is_an_error(
    engine: BatchEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = row_rule("asks_for_the_moon", "moon > 1", "Why.", columns=("moon",), severity=Severity.WARN)
    _replace_rules(monkeypatch, "payments", broken, *load_suite("payments").rules)
    with pytest.raises(
        CheckFailedToRunError, match=r"1 expectations could not be evaluated. asks_for_the_moon: .*moon"
    ):
        _guard("payments", _rows("payments", {}), engine, tmp_path)


def test_an_expectation_that_fails_on_some_values_only_is_an_error(
    engine: BatchEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflows = row_rule(
        "overflows", "payment_amount * payment_amount > 1", "Why.", columns=("payment_amount",), severity=Severity.ERROR
    )
    _replace_rules(monkeypatch, "payments", overflows)
    rows = _rows("payments", {"payment_amount": Decimal("9999999999999999.99")})
    with pytest.raises(CheckFailedToRunError, match=r"overflows: .*Overflow"):
        _guard("payments", rows, engine, tmp_path)


def test_no_suite_overflows_on_the_largest_values(engine: BatchEngine, tmp_path: Path) -> None:
    for entity, contract in CONTRACTS.items():
        largest = {
            "DECIMAL(18,2)": Decimal("9999999999999999.99"),
            "DECIMAL(18,4)": Decimal("99999999999999.9999"),
            "BIGINT": 2**63 - 1,
            "TIMESTAMP": datetime(9999, 12, 31, 23, 59, 59),
            "DATE": date(9999, 12, 31),
        }
        smallest = {kind: -value for kind, value in largest.items() if isinstance(value, (Decimal, int))}
        smallest |= {"TIMESTAMP": datetime(1, 1, 1), "DATE": date(1, 1, 1)}
        rows = [
            valid_row(contract, number)
            | {name: extreme[kind] for name, kind in contract.stored_columns.items() if kind in extreme}
            for number, extreme in enumerate((largest, smallest), start=1)
        ]
        assert _guard(entity, rows, engine, tmp_path).rows_checked == 2


def test_a_standard_expectation_and_its_row_query_must_agree(
    engine: BatchEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = next(rule for rule in load_suite("payments").rules if rule.name == "clinic_id_is_given")
    _replace_rules(monkeypatch, "payments", replace(given, fails="clinic_id = 'nobody'"))
    with pytest.raises(CheckFailedToRunError, match="must say the same"):
        _guard("payments", _rows("payments", {"clinic_id": None}), engine, tmp_path)


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
    path = write_batch(tmp_path / "right.parquet", CONTRACTS["payments"], _rows("payments", {}))
    wrong = tmp_path / "wrong.parquet"
    duckdb.execute(f"COPY (SELECT {replacement} FROM '{path}') TO '{wrong}' (FORMAT parquet)")
    with pytest.raises(BatchDefectError, match=message):
        guard_batch(SOURCE, "payments", [wrong], days=[DAY], engine=engine)


def test_plain_forms_tell_everything(engine: BatchEngine, tmp_path: Path) -> None:
    rows = _rows("payments", {"payment_kind": "refund"}, {"payment_amount": Decimal(0)})
    result = _guard("payments", rows, engine, tmp_path)

    lines = {line["expectation"]: line for line in result.check_rows()}
    assert len(lines) == len(load_suite("payments").rules)
    failed = lines["money_back_is_not_positive"]
    assert {name: failed[name] for name in ("severity", "success", "rows_checked", "rows_failed", "first_date")} == {
        "severity": "error",
        "success": False,
        "rows_checked": 2,
        "rows_failed": 1,
        "first_date": DAY,
    }
    (sample,) = json.loads(failed["sample_rows"])
    assert sample == {
        "export_date": "2025-03-03",
        "file": "2025-03-03/payments.csv",
        "row": 2,
        "column": "payment_amount",
        "value": "100.00",
    }
    summary = result.summary()
    assert (summary["failed_critical"], summary["failed_error"], summary["failed_warn"]) == (0, 1, 1)
    assert summary["failures"][0].startswith(
        "money_back_is_not_positive: 1 of 2 (2025-03-03/payments.csv row 2: payment_amount = 100.00)."
    )
    json.dumps(summary)


def test_gx_holds_the_severity_and_the_reason() -> None:
    suite = load_suite("clinics")
    made = {made.meta["rule"]: made for made in gx_suite("clinics", suite.rules, "days").expectations}
    assert {rule.name for rule in suite.rules} == made.keys()
    for rule in suite.rules:
        expectation = made[rule.name]
        assert expectation.notes == rule.reason
        assert expectation.meta["severity"] == rule.severity
        gx_severity = {Severity.CRITICAL: "critical", Severity.ERROR: "warning", Severity.WARN: "info"}[rule.severity]
        assert expectation.severity == gx_severity


def test_without_a_shared_engine_the_guard_makes_its_own(tmp_path: Path) -> None:
    path = write_batch(tmp_path / "batch.parquet", CONTRACTS["payments"], _rows("payments", {}))
    assert guard_batch(SOURCE, "payments", [path]).failed == ()


def test_suites_are_read_without_importing_great_expectations() -> None:
    code = (
        "import sys, expectations.guard, expectations.suites as suites; suites.load_suites(); "
        "sys.exit(1 if {'great_expectations', 'sqlalchemy'} & sys.modules.keys() else 0)"
    )
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    assert subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=False).returncode == 0
