"""The same days one by one, as a range, killed in the middle, refused: the same rows, and never a half state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from homes import CopyHome, Home, NewHome, Rows, State, changes, land_demo, table_checksums
from kills import in_dbt, kill_when, watched

from orchestration.demo import DemoSummary

DAYS = ["2026-01-20", "2026-01-21", "2026-01-22"]
RANGE = ["run", "--from", DAYS[0], "--to", DAYS[-1]]


@dataclass(frozen=True)
class Snapshot:
    """What others see of a home at one moment."""

    published: State
    parquet: dict[str, int]
    entries: Rows

    @classmethod
    def of(cls, home: Home) -> Snapshot:
        with duckdb.connect() as connection:
            parquet = {
                path.stem: connection.execute(f"select count(*) from '{path}'").fetchall()[0][0]
                for path in sorted(home.parquet.glob("*.parquet"))
            }
        return cls(table_checksums(home.marts, ("main",)), parquet, home.ledger_entries())


@dataclass(frozen=True)
class Killed:
    """A home whose run over the range was killed in the middle of dbt, and then run again."""

    home: Home
    before: Snapshot
    after_kill: Snapshot
    end: Snapshot
    printed: str
    readers: dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def homes(new_home: NewHome, copy_home: CopyHome, demo: DemoSummary) -> tuple[Home, Home]:
    """A home in which each day was a run of its own, the second one late; and its copy without the late day."""
    home = new_home("one_by_one")
    assert land_demo(home, demo.out, 3) == DAYS
    for day in (DAYS[0], DAYS[2]):
        outcome = home.run("demo_mis", day)
        assert outcome.succeeded, outcome.messages
    copy = copy_home(home, "killed")
    outcome = home.run("demo_mis", DAYS[1])
    assert outcome.succeeded, outcome.messages
    return home, copy


@pytest.fixture(scope="session")
def one_by_one(homes: tuple[Home, Home]) -> Home:
    return homes[0]


@pytest.fixture(scope="session")
def killed(homes: tuple[Home, Home], tmp_path_factory: pytest.TempPathFactory) -> Killed:
    home = homes[1]
    before = Snapshot.of(home)
    with watched(home, tmp_path_factory.mktemp("readers")) as readers:
        printed = kill_when(home, RANGE, in_dbt(home))
        after_kill = Snapshot.of(home)
        outcome = home.run("demo_mis", DAYS[0], DAYS[-1])
        assert outcome.succeeded, outcome.messages
    return Killed(home, before, after_kill, Snapshot.of(home), printed, readers)


def test_days_one_by_one_and_out_of_order_end_as_the_range_does(one_by_one: Home, killed: Killed) -> None:
    assert changes(one_by_one.state(), killed.home.state()) == {}


def test_the_comparison_sees_that_a_day_is_missing(killed: Killed) -> None:
    different = changes(killed.before.published, killed.end.published)
    assert {"main.mart_triune__clinic_day", "main.mart_finance__clinic_day"} <= different.keys()


def test_the_run_was_killed_in_dbt(killed: Killed) -> None:
    assert "batches → warehouse" in killed.printed
    assert "staging, facts, marts, tests" not in killed.printed


def test_a_killed_run_leaves_the_published_marts_and_the_ledger_as_they_were(killed: Killed) -> None:
    """Killed while it publishes: see test_killed_publishing.py."""
    assert killed.after_kill == killed.before
    assert killed.before.published["main.mart_triune__clinic_day"][0] > 0


def test_the_ledger_only_grows_and_ends_with_every_payout(killed: Killed) -> None:
    before = killed.before.entries
    assert len(killed.end.entries) > len(before) > 0
    assert killed.end.entries[: len(before)] == before
    payouts = killed.home.warehouse("select sum(payout_amount) from incentives.mart_incentives__payouts")
    assert killed.home.ledger("select sum(amount) from entries") == payouts


def test_a_reader_sees_the_old_or_the_new_marts_all_through(killed: Killed) -> None:
    reader = killed.readers["look"]
    assert reader["errors"] == []
    assert reader["looks"] > 30
    for states in (reader["file"], reader["parquet"]):
        # Old, then new, and never anything else. A run that changes nothing publishes the same rows.
        assert len(states) == 2
        assert [json.loads(state)["untied"] for state in states] == [[0], [0]]
    assert reader["file"] == reader["parquet"]


def test_a_reader_that_keeps_the_file_open_keeps_its_copy(killed: Killed) -> None:
    holder, reader = killed.readers["hold"], killed.readers["look"]
    assert holder["errors"] == []
    assert holder["file"] == reader["file"][:1]


# Last, because it spoils what has landed -----------------------------------------------------------------------


def test_a_refused_day_changes_nothing_and_says_why_without_a_traceback(one_by_one: Home) -> None:
    before, entries = one_by_one.state(), one_by_one.ledger_entries()
    folder = one_by_one.landing / "demo_mis" / DAYS[2]
    good = (folder / "payments.csv").read_bytes()
    (folder / "payments.csv").write_bytes(good.decode("cp1251").encode())
    (folder / "appointments.csv").rename(folder / "appointments.old")
    try:
        done = one_by_one.triune("run", "--date", DAYS[2])
    finally:
        (folder / "payments.csv").write_bytes(good)
        (folder / "appointments.old").rename(folder / "appointments.csv")
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert f"demo_mis {DAYS[2]} appointments ({DAYS[2]}/appointments.csv): the file is missing." in said
    assert "what was published before is unchanged" in said
    assert "Traceback" not in done.stdout + done.stderr
    assert changes(before, one_by_one.state()) == {}
    assert one_by_one.ledger_entries() == entries


def test_a_day_that_the_guard_blocks_changes_nothing_and_says_why(one_by_one: Home) -> None:
    before, entries = one_by_one.state(), one_by_one.ledger_entries()
    clinics = one_by_one.landing / "demo_mis" / DAYS[2] / "clinics.csv"
    good = clinics.read_bytes()
    clinics.write_bytes(good.split(b"\r\n")[0] + b"\r\n")
    try:
        done = one_by_one.triune("run", "--date", DAYS[2])
    finally:
        clinics.write_bytes(good)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "critical clinics: day_has_rows failed" in said
    assert "Without a clinic no row has a currency or a local day" in said
    assert "Traceback" not in done.stdout + done.stderr
    assert changes(before, one_by_one.state()) == {}
    assert one_by_one.ledger_entries() == entries
