"""A replica of an MIS in a real PostgreSQL, through the same job as files: two days, corrections, a late commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from click.testing import CliRunner
from homes import Home, NewHome, Rows, State, changes, table_checksums
from postgres_server import READER_PASSWORD, PostgresServer

from models.sources import SOURCES_DIR, load_profile
from orchestration.cli import triune

SOURCE = "clinic_replica"
PROFILE = load_profile(SOURCES_DIR / "examples" / f"{SOURCE}.yaml")
FIXTURES = Path(__file__).parents[1] / "fixtures" / SOURCE
MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
ARBAT, URAL = (f"{SOURCE}:00000000-0000-0000-0000-0000000000{number}" for number in ("b1", "b2"))
# What identifies a patient, as it stands in the database.
IDENTIFIERS = ("Иванова", "Сидоров", "Уралов", "+7 900", "Ёлкина")
TYPES = ("service_lines", "appointments", "patients", "payments")


@dataclass(frozen=True)
class Replica:
    """The home after both days, and what it held after Monday."""

    home: Home
    server: PostgresServer
    monday_revenue: Rows
    monday_visits: Rows
    state: State

    @property
    def landed(self) -> Path:
        return self.home.landing / SOURCE


def _revenue(home: Home) -> Rows:
    return home.published(
        """
        select clinic_id, local_date::varchar, ledger_revenue_amount, is_tied from mart_triune__clinic_day
        where ledger_revenue_amount <> 0 order by all
        """
    )


def _visits(home: Home) -> Rows:
    return home.published(
        """
        select clinic_id, local_date::varchar, appointments_attended, appointments_no_show, appointments_scheduled
        from mart_utilisation__clinic_day where appointments > 0 order by all
        """
    )


@pytest.fixture(scope="session")
def replica(postgres: PostgresServer, new_home: NewHome) -> Iterator[Replica]:
    home = new_home("replica", PROFILE)
    postgres.create("mis", FIXTURES / "schema.sql", FIXTURES / "monday.sql")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLINIC_REPLICA_DSN", postgres.dsn("mis"))
        outcome = home.run(SOURCE, MONDAY)
        assert outcome.succeeded, outcome.messages
        revenue, visits = _revenue(home), _visits(home)
        postgres.execute("mis", (FIXTURES / "tuesday.sql").read_text(encoding="utf-8"))
        outcome = home.run(SOURCE, TUESDAY)
        assert outcome.succeeded, outcome.messages
        yield Replica(home, postgres, revenue, visits, home.state())


def test_monday_as_it_was_known_on_monday(replica: Replica) -> None:
    # 1500.00 + 2500.50 − 250.05; the void line counts nowhere. 23:30 in Moscow is Tuesday in Yekaterinburg.
    assert replica.monday_revenue == [
        (ARBAT, MONDAY, Decimal("3750.45"), True),
        (URAL, MONDAY, Decimal("1000.00"), True),
        (URAL, TUESDAY, Decimal("400.00"), True),
    ]
    assert replica.monday_visits == [(ARBAT, MONDAY, 1, 0, 1), (URAL, TUESDAY, 0, 0, 1)]


def test_tuesday_brings_corrections_and_what_was_committed_late(replica: Replica) -> None:
    # 1500.00 + 2500.50 − 500.10 + 700.00 late; on Tuesday 3000.00 − 1500.00 refunded.
    assert _revenue(replica.home) == [
        (ARBAT, MONDAY, Decimal("4200.40"), True),
        (ARBAT, TUESDAY, Decimal("1500.00"), True),
        (URAL, MONDAY, Decimal("1000.00"), True),
        (URAL, TUESDAY, Decimal("400.00"), True),
    ]
    assert _visits(replica.home) == [(ARBAT, MONDAY, 1, 1, 0), (URAL, TUESDAY, 1, 0, 0)]


def test_money_follows_the_payments_that_the_number_tells(replica: Replica) -> None:
    cash = "select clinic_id, local_date::varchar, cash_amount from mart_finance__clinic_day where cash_amount <> 0"
    assert replica.home.published(f"{cash} order by all") == [
        (ARBAT, MONDAY, Decimal("3750.45")),
        (ARBAT, TUESDAY, Decimal("-1500.00")),
        (URAL, MONDAY, Decimal("1000.00")),
    ]


def test_nothing_was_quarantined_and_every_row_was_loaded(replica: Replica) -> None:
    rows = replica.home.warehouse(
        "select export_date::varchar, entity, rows_read, rows_loaded from ops.load_log order by all"
    )
    assert [(day, entity, read) for day, entity, read, loaded in rows if read != loaded] == []
    read = {(day, entity): count for day, entity, count, _ in rows}
    assert [read[MONDAY, entity] for entity in TYPES] == [5, 3, 3, 2]
    # What changed on Tuesday, and what is read again because it is just behind: a line, a card, two payments.
    assert [read[TUESDAY, entity] for entity in TYPES] == [5, 2, 2, 3]


def test_types_of_the_database_arrive_exactly(replica: Replica) -> None:
    visit = replica.home.warehouse(
        """
        select booked_at::varchar, planned_start_at::varchar, visit_kind, is_complaint, updated_at::varchar
        from raw.appointments where appointment_id like '%a1'
        """
    )
    assert visit == [
        ("2026-02-27 09:00:00.123456", "2026-03-02 06:00:00", "consultation", True, "2026-03-02 07:00:00.123456")
    ]
    line = replica.home.warehouse(
        """
        select quantity, list_amount, discount_amount, direct_cost_amount from raw.service_lines
        where service_line_id = '2' and _export_date = ?
        """,
        MONDAY,
    )
    assert line == [(Decimal("2.5"), Decimal("2500.50"), Decimal("250.05"), Decimal("100.10"))]
    names = replica.home.warehouse("select distinct clinic_name from raw.clinics order by all")
    assert names == [('Клиника "Урал"',), ("Клиника на Арбате",)]


def test_names_and_phones_never_leave_the_database(replica: Replica) -> None:
    texts = []
    for path in sorted(replica.landed.rglob("*.parquet")):
        texts += [str(row) for row in duckdb.read_parquet(str(path)).fetchall()]
    assert len(texts) > 30
    assert [text for text in texts if any(identifier in text for identifier in IDENTIFIERS)] == []


def test_the_password_is_written_nowhere(replica: Replica) -> None:
    """Logs of Dagster and dbt, manifests, batches, databases: any file of the home."""
    secrets = (READER_PASSWORD.encode(), replica.server.dsn("mis").encode())
    files = [path for path in replica.home.path.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []


def test_a_second_run_changes_nothing_and_needs_no_database(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLINIC_REPLICA_DSN")
    landed = {path: path.read_bytes() for path in replica.landed.rglob("*") if path.is_file()}
    outcome = replica.home.run(SOURCE, MONDAY, TUESDAY)
    assert outcome.succeeded, outcome.messages
    assert changes(replica.state, replica.home.state()) == {}
    assert {path: path.read_bytes() for path in replica.landed.rglob("*") if path.is_file()} == landed


def test_days_that_are_landed_late_and_at_once_end_in_the_same_marts(replica: Replica, new_home: NewHome) -> None:
    """What Monday was before it was corrected is nowhere then; what it is now is the same."""
    home = new_home("late", PROFILE)
    outcome = home.run(SOURCE, MONDAY, TUESDAY)
    assert outcome.succeeded, outcome.messages
    before, after = (table_checksums(one.marts, ("main",)) for one in (replica.home, home))
    assert changes(before, after) == {}


def test_what_is_wrong_with_a_query_fails_the_run_in_words(replica: Replica, new_home: NewHome) -> None:
    services = PROFILE.entities["services"].model_copy(update={"table": "mis.services"})
    profile = PROFILE.model_copy(update={"entities": PROFILE.entities | {"services": services}})
    home = new_home("refused", profile)
    outcome = home.run(SOURCE, MONDAY)
    assert not outcome.succeeded
    assert outcome.messages == [
        f'{SOURCE} {MONDAY} services (mis.services): the database says: relation "mis.services" does not exist. '
        "Name a table that exists, with its schema, in the profile"
    ]
    assert list((home.landing / SOURCE).iterdir()) == []
    assert not home.marts.exists()


def test_without_a_date_a_new_source_begins_with_yesterday(
    replica: Replica, new_home: NewHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a database without its tables: every one is named, each with its day, and nothing else is printed."""
    home = new_home("cli", PROFILE)
    for name, value in home.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("DAGSTER_HOME", "TRIUNE_WAREHOUSE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("CLINIC_REPLICA_DSN", replica.server.dsn("postgres"))
    monkeypatch.setattr("orchestration.definitions.load_profiles", lambda: {SOURCE: PROFILE})
    done = CliRunner().invoke(triune, ["run", "--source", SOURCE], catch_exceptions=False)
    assert done.exit_code == 1
    yesterday = datetime.now(ZoneInfo("Europe/Moscow")).date() - timedelta(days=1)
    assert f"A replica of the MIS · {yesterday}" in done.output
    assert "database → landing" in done.output
    said = " ".join(done.output.split())
    for entity in PROFILE.entities:
        assert f"✗ {SOURCE} {yesterday} {entity} (" in said
    assert "Traceback" not in done.output
