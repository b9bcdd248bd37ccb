"""Posting appends exactly the difference between payable and posted, or nothing at all."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from ledger_warehouse import CLINIC, FEBRUARY, JANUARY, balances, entries, write_payouts

from orchestration.ledger import post_payouts, totals_by_module, totals_by_role
from orchestration.ledger.store import open_ledger

NOW = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
TWO = [("E1", "doctor", JANUARY, "100.10"), ("E2", "nurse", JANUARY, "-0.01")]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return write_payouts(tmp_path / "ware'house.duckdb", TWO)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger" / "payouts.duckdb"


def test_the_first_posting_appends_every_payout(warehouse: Path, ledger: Path) -> None:
    summary = post_payouts(warehouse, ledger, "run-1", NOW)
    assert (summary.accruals, summary.entries) == (2, 2)
    assert summary.amounts == {"RUB": Decimal("100.09")}
    assert entries(ledger) == [
        (1, "E1", Decimal("100.10"), "accrual", "run-1"),
        (2, "E2", Decimal("-0.01"), "accrual", "run-1"),
    ]


def test_posting_the_same_payouts_again_appends_nothing(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW)
    before = entries(ledger)
    assert post_payouts(warehouse, ledger, "run-2", NOW).entries == 0
    assert entries(ledger) == before


def test_a_changed_payout_appends_its_difference(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW)
    write_payouts(warehouse, [("E1", "doctor", JANUARY, "90.00"), TWO[1], ("E3", "nurse", FEBRUARY, "5.00")])
    summary = post_payouts(warehouse, ledger, "run-2", NOW)
    assert (summary.accruals, summary.corrections, summary.withdrawals) == (1, 1, 0)
    assert entries(ledger)[2:] == [
        (3, "E1", Decimal("-10.10"), "correction", "run-2"),
        (4, "E3", Decimal("5.00"), "accrual", "run-2"),
    ]


def test_a_vanished_payout_is_withdrawn_and_can_come_back(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW)
    write_payouts(warehouse, TWO[:1])
    assert post_payouts(warehouse, ledger, "run-2", NOW).withdrawals == 1
    assert entries(ledger)[2:] == [(3, "E2", Decimal("0.01"), "withdrawal", "run-2")]
    assert balances(ledger) == {("E1", "doctor", JANUARY): Decimal("100.10")}
    assert post_payouts(warehouse, ledger, "run-3", NOW).entries == 0
    write_payouts(warehouse, TWO)
    assert post_payouts(warehouse, ledger, "run-4", NOW).entries == 1
    assert balances(ledger)["E2", "nurse", JANUARY] == Decimal("-0.01")


def test_a_month_that_the_warehouse_does_not_hold_stays_posted(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW)
    write_payouts(warehouse, [("E1", "doctor", FEBRUARY, "7.00")], months=(FEBRUARY,))
    summary = post_payouts(warehouse, ledger, "run-2", NOW)
    assert (summary.accruals, summary.withdrawals, summary.unknown) == (1, 0, 2)
    assert balances(ledger)["E1", "doctor", JANUARY] == Decimal("100.10")


def test_only_the_live_scenario_is_posted(tmp_path: Path, ledger: Path) -> None:
    simulated = write_payouts(tmp_path / "warehouse.duckdb", TWO, scenario="what_if")
    assert post_payouts(simulated, ledger, "run-1", NOW).entries == 0


def test_a_payout_of_nothing_is_not_an_entry(tmp_path: Path, ledger: Path) -> None:
    warehouse = write_payouts(tmp_path / "warehouse.duckdb", [("E1", "doctor", JANUARY, "0.00")])
    assert post_payouts(warehouse, ledger, "run-1", NOW).entries == 0


def test_posting_names_the_moment_in_utc_and_the_payouts_it_saw(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW.astimezone(timezone(timedelta(hours=5))))
    with duckdb.connect(ledger, read_only=True) as connection:
        rows = connection.execute("SELECT DISTINCT posted_at, length(payouts_sha256) FROM entries").fetchall()
    assert rows == [(datetime(2026, 2, 3, 4, 5), 64)]
    with pytest.raises(ValueError, match="time zone"):
        post_payouts(warehouse, ledger, "run-2", datetime(2026, 2, 3))


def test_an_entry_that_the_ledger_refuses_takes_the_whole_posting_with_it(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW)
    write_payouts(warehouse, [("E1", "doctor", JANUARY, "1.00"), ("E9", None, JANUARY, "5.00")])  # type: ignore[list-item]
    before = entries(ledger)
    with pytest.raises(duckdb.ConstraintException):
        post_payouts(warehouse, ledger, "run-2", NOW)
    assert entries(ledger) == before


@pytest.mark.parametrize(("until", "posted"), [("append", 0), ("commit", 2)])
def test_a_kill_leaves_all_or_nothing(warehouse: Path, ledger: Path, until: str, posted: int) -> None:
    """The process dies without a chance to tidy up; the next posting ends in the same entries as one that lived."""
    script = f"""
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from orchestration.ledger.posting import append_deltas, attach_warehouse
from orchestration.ledger.store import open_ledger
with open_ledger(Path({str(ledger)!r})) as connection:
    attach_warehouse(connection, Path({str(warehouse)!r}))
    connection.begin()
    append_deltas(connection, 'killed', datetime(2026, 2, 3, tzinfo=UTC))
    if {until!r} == 'commit':
        connection.commit()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    died = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert len(entries(ledger)) == posted if ledger.exists() else posted == 0
    assert post_payouts(warehouse, ledger, "next", NOW).entries == 2 - posted
    assert balances(ledger) == {(who, role, month): Decimal(amount) for who, role, month, amount in TWO}


def test_every_file_of_the_ledger_is_its_owners_alone(warehouse: Path, ledger: Path) -> None:
    with open_ledger(ledger) as connection:
        connection.execute("CREATE TABLE journalled (x INTEGER)")
        files = list(ledger.parent.iterdir())
        assert {file.name for file in files} >= {"payouts.duckdb", "payouts.duckdb.wal"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(ledger.parent.stat().st_mode) == 0o700
    ledger.chmod(0o644)
    post_payouts(warehouse, ledger, "run-1", NOW)
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    open_mask_file = ledger.parent.parent / "another"
    open_mask_file.touch()
    assert stat.S_IMODE(open_mask_file.stat().st_mode) & 0o044, "the process's own mask must come back"


def test_posting_leaves_no_file_open(warehouse: Path, ledger: Path) -> None:
    post_payouts(warehouse, ledger, "run-1", NOW)
    for path in (warehouse, ledger):
        # A writer in another process is refused while anyone holds the file.
        script = f"import duckdb; duckdb.connect({str(path)!r}).close()"
        assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


def test_totals_are_by_role_and_module_and_of_the_months_touched(warehouse: Path, ledger: Path) -> None:
    write_payouts(warehouse, [*TWO, ("E3", "nurse", JANUARY, "5.00"), ("E1", "doctor", FEBRUARY, "7.00")])
    post_payouts(warehouse, ledger, "run-1", NOW)
    source, day = CLINIC.split(":")[0], JANUARY.replace(day=20)
    assert totals_by_role(ledger, source, day, day) == [("doctor", 1, Decimal("100.10")), ("nurse", 2, Decimal("4.99"))]
    assert totals_by_module(ledger, source, day, FEBRUARY) == [("M5", 3, Decimal("112.09"))]
    assert totals_by_role(ledger, "dem", day, day) == []
