"""What the guard hands on: complete failing rows, reasons, blocked days. A defective check is never bad data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from valid_rows import CONTRACTS, DAY, SOURCE, Row, guard_rows, rows_of, write_batch

from expectations.engine import BatchEngine, gx_suite
from expectations.guard import guard_batch
from expectations.results import GuardResult
from expectations.rules import Severity
from expectations.suites import load_suite

QUARANTINE_COLUMNS = ["_export_date", "_file", "_row", "column_name", "value", "rule", "reason"]


def _failing(result: GuardResult) -> list[Row]:
    assert result.failing_rows is not None
    assert result.failing_rows.column_names == QUARANTINE_COLUMNS
    return list(result.failing_rows.to_pylist())


def test_every_one_of_5000_bad_rows_is_returned(engine: BatchEngine, tmp_path: Path) -> None:
    path = write_batch(tmp_path / "one.parquet", CONTRACTS["payments"], rows_of("payments", {}))
    many = tmp_path / "many.parquet"
    duckdb.execute(
        f"COPY (SELECT one.* REPLACE ('P' || i AS payment_id, i AS _row, if(i <= 300, NULL, clinic_id) AS clinic_id, "
        f"CAST(if(i <= 5000, -1, 1) AS DECIMAL(18, 2)) AS payment_amount) "
        f"FROM '{path}' AS one, range(1, 6001) AS n(i)) TO '{many}' (FORMAT parquet)"
    )
    failing = tmp_path / "refused"

    result = guard_batch(SOURCE, "payments", [many], failing, engine=engine)

    assert result.failing_rows is None
    assert result.failing_rows_folder == failing
    by_rule = duckdb.execute(
        "SELECT rule, count(DISTINCT _row), min(_row), max(_row) "
        f"FROM '{failing}/*/*.parquet' GROUP BY rule ORDER BY rule"
    ).fetchall()
    assert by_rule == [("clinic_id_is_given", 300, 1, 300), ("money_in_is_not_negative", 5000, 1, 5000)]
    assert (result.rows_checked, result.rows_to_quarantine) == (6000, 5000)
    counted = {found.name: found.rows_failed for found in result.failed}
    assert counted == {"clinic_id_is_given": 300, "money_in_is_not_negative": 5000}


def test_failing_rows_are_written_by_export_day(engine: BatchEngine, tmp_path: Path) -> None:
    other_day = {"payment_id": "P2", "_export_date": date(2025, 3, 4), "_row": 2}
    bad = {"payment_id": "P3", "payment_amount": -1, "_export_date": date(2025, 3, 4), "_row": 3}
    guard_rows("payments", rows_of("payments", {}, other_day, bad), engine, tmp_path, failing_rows_to=tmp_path / "to")
    (day,) = (tmp_path / "to").iterdir()
    assert day.name == "_export_date=2025-03-04"
    found = duckdb.execute(f"FROM read_parquet('{day}/*.parquet', hive_partitioning = false)")
    assert [column[0] for column in found.description or []] == QUARANTINE_COLUMNS
    assert [row[2] for row in found.fetchall()] == [3]


def test_of_rows_with_one_key_the_last_changed_is_kept_and_named(engine: BatchEngine, tmp_path: Path) -> None:
    changed = {"updated_at": datetime(2025, 3, 3, 20), "payment_id": "P", "_row": 2}
    older = changed | {"updated_at": datetime(2025, 3, 3, 19), "_row": 3}
    unknown = changed | {"updated_at": None, "_row": 4}

    failing = _failing(guard_rows("payments", rows_of("payments", older, changed, unknown), engine, tmp_path))

    assert [(row["_row"], row["column_name"], row["value"]) for row in failing] == [
        (3, "payment_id", "P"),
        (4, "payment_id", "P"),
    ]
    assert all(row["reason"].endswith("Kept: row 2 of 2025-03-03/payments.csv.") for row in failing)


def test_of_rows_changed_at_once_the_last_of_the_file_is_kept(engine: BatchEngine, tmp_path: Path) -> None:
    rows = rows_of(
        "payments", {"payment_id": "P", "_row": 2}, {"payment_id": "P", "_row": 9}, {"payment_id": "P", "_row": 5}
    )
    assert [row["_row"] for row in _failing(guard_rows("payments", rows, engine, tmp_path))] == [2, 5]


def test_a_key_may_come_again_on_another_day(engine: BatchEngine, tmp_path: Path) -> None:
    other = {"payment_id": "P", "_export_date": DAY + timedelta(days=1)}
    result = guard_rows("payments", rows_of("payments", {"payment_id": "P"}, other), engine, tmp_path)
    assert result.failed == ()
    assert result.days == (DAY, DAY + timedelta(days=1))


def test_a_composite_key_counts_as_a_whole(engine: BatchEngine, tmp_path: Path) -> None:
    one = {"plan_id": "P", "plan_version": 1}
    two = {"plan_id": "P", "plan_version": 2}
    failing = _failing(guard_rows("treatment_plans", rows_of("treatment_plans", one, two, two), engine, tmp_path))
    assert [(row["_row"], row["rule"]) for row in failing] == [(3, "key_is_unique")]
    assert "Here plan_version = 2." in failing[0]["reason"]


def test_quarantine_tells_the_value_and_what_it_contradicts(engine: BatchEngine, tmp_path: Path) -> None:
    rows = rows_of("service_lines", {"net_amount": Decimal("90.00")})
    (row,) = _failing(guard_rows("service_lines", rows, engine, tmp_path))
    assert (row["column_name"], row["value"]) == ("net_amount", "90.00")
    assert "Here list_amount = 100.00, discount_amount = 10.10." in row["reason"]


def test_personal_values_and_pay_are_never_repeated(engine: BatchEngine, tmp_path: Path) -> None:
    patients = rows_of(
        "patients", {"patient_id": "Ivanova"}, {"birth_year": 1789}, {"merged_into_patient_id": "Petrov"}
    )
    employees = rows_of("employees", {"salary_amount": Decimal("-777.77")})
    appointments = rows_of("appointments", {"patient_id": "Sidorov", "status": "?"})
    for entity, rows in (("patients", patients), ("employees", employees), ("appointments", appointments)):
        result = guard_rows(entity, rows, engine, tmp_path)
        told = json.dumps([_failing(result), result.check_rows(), result.summary()], default=str) + repr(result)
        assert result.failed
        for secret in ("Ivanova", "1789", "Petrov", "777.77", "Sidorov"):
            assert secret not in told, f"{secret} of {entity}"


def test_a_missing_personal_value_is_told_from_a_hidden_one(engine: BatchEngine, tmp_path: Path) -> None:
    rows = rows_of("patients", {"patient_id": None}, {"birth_year": 1789})
    values = {row["column_name"]: row["value"] for row in _failing(guard_rows("patients", rows, engine, tmp_path))}
    assert values == {"patient_id": None, "birth_year": "(not shown)"}


def test_one_critical_row_blocks_its_day_and_no_other(engine: BatchEngine, tmp_path: Path) -> None:
    tomorrow = DAY + timedelta(days=1)
    result = guard_rows(
        "clinics", rows_of("clinics", {"currency": "rub"}, {"_export_date": tomorrow}), engine, tmp_path
    )
    assert result.blocked_days == (DAY,)
    assert [found.name for found in result.blocking(DAY)] == ["currency_is_three_capital_letters"]
    assert result.blocking(tomorrow) == ()
    assert result.rows_to_quarantine == 0


@pytest.mark.parametrize(("bad", "good", "is_blocked"), [(9, 0, False), (10, 40, False), (10, 39, True)])
def test_a_day_is_blocked_by_more_than_a_fifth_and_at_least_ten_bad_rows(
    bad: int, good: int, is_blocked: bool, engine: BatchEngine, tmp_path: Path
) -> None:
    rows = rows_of("service_lines", *[{"net_amount": Decimal(0)}] * bad, *[{}] * good)
    result = guard_rows("service_lines", rows, engine, tmp_path)
    assert result.blocked_days == ((DAY,) if is_blocked else ())
    assert result.rows_to_quarantine == bad


def test_rows_without_a_key_block_the_day_too(engine: BatchEngine, tmp_path: Path) -> None:
    rows = rows_of("payments", *[{"payment_id": None}] * 10, *[{}] * 10)
    assert guard_rows("payments", rows, engine, tmp_path).blocked_days == (DAY,)


def test_a_day_without_clinics_is_blocked(engine: BatchEngine, tmp_path: Path) -> None:
    days = [DAY, DAY + timedelta(days=1)]
    assert guard_rows("clinics", rows_of("clinics", {}), engine, tmp_path, days=days).blocked_days == (days[1],)
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
        rows = rows_of("payments", {"payment_id": None} if day == days[7] else {}, day=day)
        paths.append(write_batch(folder / "data 0.parquet", CONTRACTS["payments"], rows))
    for some in (paths[5:10], paths):
        result = guard_batch(SOURCE, "payments", some, engine=engine)
        assert result.rows_checked == len(some)
        assert [(row["_export_date"], row["rule"]) for row in _failing(result)] == [(days[7], "payment_id_is_given")]


def test_plain_forms_tell_everything(engine: BatchEngine, tmp_path: Path) -> None:
    rows = rows_of("payments", {"payment_kind": "refund"}, {"payment_amount": Decimal(0)})
    result = guard_rows("payments", rows, engine, tmp_path)

    lines = {line["expectation"]: line for line in result.check_rows()}
    assert lines.keys() == {rule.name for rule in load_suite("payments").rules if not rule.needs}
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
    made = {(made.meta or {})["rule"]: made for made in gx_suite("clinics", suite.rules).expectations}
    assert {rule.name for rule in suite.rules} == made.keys()
    for rule in suite.rules:
        expectation = made[rule.name]
        assert expectation.notes == rule.reason
        assert (expectation.meta or {})["severity"] == rule.severity
        gx_severity = {Severity.CRITICAL: "critical", Severity.ERROR: "warning", Severity.WARN: "info"}[rule.severity]
        assert expectation.severity == gx_severity


def test_without_a_shared_engine_the_guard_makes_its_own(tmp_path: Path) -> None:
    path = write_batch(tmp_path / "batch.parquet", CONTRACTS["payments"], rows_of("payments", {}))
    assert guard_batch(SOURCE, "payments", [path]).failed == ()


def test_suites_are_read_without_importing_great_expectations() -> None:
    code = (
        "import sys, expectations.guard, expectations.suites as suites; suites.load_suites(); "
        "sys.exit(1 if {'great_expectations', 'sqlalchemy'} & sys.modules.keys() else 0)"
    )
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    assert subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=False).returncode == 0
