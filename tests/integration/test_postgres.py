"""A replica of an MIS in a real PostgreSQL, through the same job as files: two days with corrections and a late commit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from homes import Home, NewHome, State, changes

from models.sources import SOURCES_DIR, load_profile

psycopg = pytest.importorskip("psycopg", reason="needs the driver: pip install 'triune[postgres]'")
from postgres_server import PostgresServer, postgres_programs, running_postgres  # noqa: E402

SOURCE = "clinic_replica"
PROFILE = load_profile(SOURCES_DIR / "examples" / f"{SOURCE}.yaml")
FIXTURES = Path(__file__).parents[1] / "fixtures" / SOURCE
MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
B1, B2 = (f"{SOURCE}:00000000-0000-0000-0000-0000000000{number}" for number in ("b1", "b2"))
PASSWORD = "p@ss:w/rd %1"


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("needs a PostgreSQL server's programs (initdb, pg_ctl): apt-get install postgresql")
    with running_postgres(programs) as server:
        yield server


@pytest.fixture(scope="session")
def days(server: PostgresServer, new_home: NewHome) -> Iterator[tuple[Home, dict[str, State], dict[str, list]]]:
    """The home after both days, and what it held after each."""
    home = new_home("replica", PROFILE)
    server.create("mis", FIXTURES / "schema.sql", FIXTURES / "monday.sql")
    states, revenues = {}, {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLINIC_REPLICA_DSN", server.dsn("mis", "reader", PASSWORD))
        for day in (MONDAY, TUESDAY):
            if day == TUESDAY:
                server.execute("mis", (FIXTURES / "tuesday.sql").read_text(encoding="utf-8"))
            outcome = home.run(SOURCE, day)
            assert outcome.succeeded, outcome.messages
            states[day] = home.state()
            revenues[day] = _revenue(home)
        yield home, states, revenues


def _revenue(home: Home) -> list:
    return home.published(
        """
        select clinic_id, local_date::varchar, ledger_revenue_amount, is_tied from mart_triune__clinic_day
        where ledger_revenue_amount <> 0 order by all
        """
    )


def test_monday(days):
    assert days[2][MONDAY] == [
        (B1, MONDAY, Decimal("3750.45"), True),
        (B2, MONDAY, Decimal("1000.00"), True),
        (B2, TUESDAY, Decimal("400.00"), True),
    ]

def test_tuesday(days):
    assert days[2][TUESDAY] == [
        (B1, MONDAY, Decimal("4200.40"), True),
        (B1, TUESDAY, Decimal("1500.00"), True),
        (B2, MONDAY, Decimal("1000.00"), True),
        (B2, TUESDAY, Decimal("400.00"), True),
    ]
def test_x(days):
    home = days[0]
    print(home.warehouse("select export_date, entity, rows_read, rows_loaded from ops.load_log order by all"))
    print(home.warehouse("select * from ops.quarantine"))
    print(home.warehouse("select * from raw.appointments"))
    print((home.landing/SOURCE/TUESDAY/"_manifest.json").read_text())
