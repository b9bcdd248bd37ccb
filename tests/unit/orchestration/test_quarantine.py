"""`triune quarantine` on a warehouse with rows put aside: grouped, shown, exported, and the days to try again."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from home_case import settings_in

from models.contracts import load_contracts
from orchestration.cli import triune
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.loading.warehouse import OPS_TABLES, create_tables, open_warehouse
from orchestration.ingest.quarantine import Selection, days_to_retry

DAY1, DAY2 = date(2026, 1, 5), date(2026, 1, 7)
_ROWS: list[tuple[Any, ...]] = [
    ("mis", "payments", DAY1, "2026-01-05/p.csv", 7, "read", "payment_amount", "12OO", "not_a_number", "no number"),
    ("mis", "payments", DAY2, "2026-01-07/p.csv", 3, "read", "payment_amount", "=1+1", "not_a_number", "no number"),
    ("mis", "payments", DAY2, "2026-01-07/p.csv", 3, "read", "paid_at", "-5", "not_a_date", "-no [date]\x1b[31m"),
    ("mis", "payments", DAY2, "2026-01-07/p.csv", 4, "read", None, None, "broken_row", "@too few cells"),
    ("mis", "patients", DAY1, "2026-01-05/c.csv", 2, "guard", "patient_id", "(not shown)", "key_is_unique", "twice"),
    ("old", "payments", DAY1, "2026-01-05/p.csv", 7, "read", "payment_amount", "\tx", "not_a_number", "no number"),
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DAGSTER_HOME", "TRIUNE_WAREHOUSE", "DBT_SEND_ANONYMOUS_USAGE_STATS", "GX_ANALYTICS_ENABLED"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("TRIUNE_HOME", str(tmp_path))
    with open_warehouse(settings_in(tmp_path).warehouse) as connection:
        create_tables(connection, load_contracts())
        names = [name for name in OPS_TABLES["quarantine"] if name != "_key"]
        insert_rows(connection, "ops.quarantine", names, _ROWS)
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(triune, ["quarantine", *arguments], catch_exceptions=False)


def _printed(*arguments: str) -> str:
    result = _run(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_rows_are_grouped_by_source_entity_and_rule_the_commonest_first(home: Path) -> None:
    text = _printed("list")
    assert "mis · 4 rows of 2 days" in text and "old · 1 row of 1 day" in text
    found = "2 payments: not_a_number (payment_amount) 2 days, 2026-01-05 … 2026-01-07; first 2026-01-05/p.csv row 7"
    assert found in text
    assert text.index(found) < text.index("broken_row")
    assert "1 payments: broken_row 2026-01-07; first 2026-01-07/p.csv row 4" in text


def test_groups_are_chosen_by_source_entity_and_rule(home: Path) -> None:
    found = json.loads(
        _run("list", "--json", "--source", "mis", "--entity", "payments", "--rule", "not_a_number").output
    )
    assert found == [
        {
            "source": "mis",
            "entity": "payments",
            "rule": "not_a_number",
            "column": "payment_amount",
            "rows": 2,
            "days": 2,
            "first_day": "2026-01-05",
            "last_day": "2026-01-07",
            "file": "2026-01-05/p.csv",
            "row": 7,
        }
    ]


def test_a_row_is_shown_with_its_place_value_and_reason(home: Path) -> None:
    text = _printed("show", "--source", "mis", "--rule", "not_a_number")
    assert "2026-01-05/p.csv row 7 mis · payments · not_a_number payment_amount = 12OO no number" in text


def test_a_reason_is_printed_and_not_obeyed(home: Path) -> None:
    output = _run("show", "--rule", "not_a_date").output
    assert "-no [date][31m" in output and "\x1b" not in output


def test_what_is_not_shown_is_counted_on_the_way_to_the_rest(home: Path) -> None:
    assert "only the first 1; --limit shows more" in _printed("show", "--limit", "1")
    assert "only the first" not in _printed("show", "--limit", "6")
    assert len(json.loads(_run("show", "--limit", "2", "--json").output)) == 2


def test_no_cell_of_an_exported_file_is_a_formula(home: Path) -> None:
    target = home / "rows.csv"
    assert _printed("export", str(target)).startswith("5 rows →")
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == ["(not shown)", "12OO", "'-5", "'=1+1", "", "'\tx"]
    assert [row["reason"] for row in rows if row["rule"] in ("broken_row", "not_a_date")] == [
        "'-no [date]\x1b[31m",
        "'@too few cells",
    ]
    assert target.stat().st_mode & 0o777 == 0o600


def test_parquet_holds_the_rows_as_they_are(home: Path) -> None:
    target = home / "it's.parquet"
    _printed("export", "--source", "mis", "--rule", "not_a_number", str(target))
    path = str(target).replace("'", "''")
    assert duckdb.sql(f"select value from '{path}' order by 1").fetchall() == [("12OO",), ("=1+1",)]


def test_an_empty_quarantine_is_said(home: Path) -> None:
    for command in (["list"], ["show"], ["retry"]):
        assert "✓ no such row is in quarantine" in _printed(*command, "--entity", "clinics")


def test_a_rule_that_no_row_breaks_is_told_with_how_many_others_there_are(home: Path) -> None:
    assert "no such row is in quarantine (5 other rows)" in _printed("list", "--rule", "not_a_numbr")


def test_a_file_that_cannot_be_written_is_told_in_words(home: Path) -> None:
    result = _run("export", str(home / "nowhere" / "rows.csv"))
    assert result.exit_code == 2 and "rows.csv cannot be written: No such file or directory" in result.output


def test_without_a_warehouse_nothing_can_be_looked_at(home: Path) -> None:
    settings_in(home).warehouse.unlink()
    result = _run("list")
    assert result.exit_code == 2 and "`triune run` comes first" in result.output


def test_a_source_that_is_gone_is_not_tried_again(home: Path) -> None:
    result = _run("retry")
    assert result.exit_code == 2 and "there is no profile of mis, old any more" in result.output


@pytest.mark.parametrize(
    ("selection", "days"),
    [
        (Selection(), {"mis": [DAY1, DAY2], "old": [DAY1]}),
        (Selection(rule="broken_row"), {"mis": [DAY2]}),
        (Selection(entity="patients"), {"mis": [DAY1]}),
        (Selection(source="old", entity="patients"), {}),
    ],
)
def test_exactly_the_days_that_hold_such_rows_are_tried_again(
    selection: Selection, days: dict[str, list[date]], home: Path
) -> None:
    with open_warehouse(settings_in(home).warehouse, read_only=True) as connection:
        assert days_to_retry(connection, selection) == days
