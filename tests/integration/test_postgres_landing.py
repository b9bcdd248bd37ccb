"""What may go wrong between a real PostgreSQL and the landing: each fault in words of its own, nothing half-landed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from postgres_server import READER_PASSWORD, PostgresServer

from models.contracts import load_contracts
from models.sources import Profile
from orchestration.ingest.database.land import DatabaseAway, DatabaseSource, land_days
from orchestration.ingest.database.manifest import LandedEntity
from orchestration.ingest.refusal import ExportRefused

DAY = date(2026, 3, 2)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
CONTRACTS = load_contracts()
FIXTURES = Path(__file__).parents[1] / "fixtures" / "clinic_replica"
_COLUMNS = {"clinic_id": "id", **{name: {"constant": "UTC"} for name in ("clinic_name", "time_zone", "currency")}}


@pytest.fixture(scope="session")
def server(postgres: PostgresServer) -> PostgresServer:
    postgres.create("faults", FIXTURES / "schema.sql")
    return postgres


@dataclass
class Landing:
    """One entity, by a query or a table, into a landing folder."""

    folder: Path
    dsn: str

    def start(self, *entities: dict[str, Any]) -> Any:
        mappings = {
            name: {"mode": "full", "columns": _COLUMNS, **one} for name, one in zip(_NAMES, entities, strict=False)
        }
        settings = {"source": "faults", "title": "Faults", "delivery": "daily", "time_zone": "Europe/Moscow"}
        profile = Profile.model_validate({**settings, "database": {"dsn_env": "FAULTS_DSN"}, "entities": mappings})
        contracts = dict.fromkeys(_NAMES, CONTRACTS["clinics"])
        return land_days(DatabaseSource(profile, contracts, self.folder, LATER), [DAY], self.dsn)

    def land(self, **entity: Any) -> list[LandedEntity]:
        return list(self.start(entity))

    def refusal(self, **entity: Any) -> ExportRefused:
        with pytest.raises(ExportRefused) as refused:
            self.land(**entity)
        assert [path for path in self.folder.rglob("*") if path.name != "faults"] == []
        assert READER_PASSWORD not in str(refused.value)
        return refused.value

    def rows(self, entity: str = "first") -> list[dict[str, str | None]]:
        return pq.read_table(self.folder / "faults" / str(DAY) / f"{entity}.parquet").to_pylist()


_NAMES = ("first", "second")


@pytest.fixture
def landing(server: PostgresServer, tmp_path: Path) -> Landing:
    return Landing(tmp_path, server.dsn("faults"))


# Types ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("null::numeric", None),
        ("1500.00::numeric(14, 2)", "1500.00"),
        ("1e20::numeric + 0.0000000001", "100000000000000000000.0000000001"),
        ("'NaN'::numeric", "NaN"),
        ("0.1::float8 + 0.2::float8", "0.3"),
        ("1.1::float4", "1.1"),
        ("9223372036854775807", "9223372036854775807"),
        ("timestamptz '2026-03-02 09:00:00.5+03'", "2026-03-02 06:00:00.500000+00:00"),
        ("timestamp '2026-03-02 09:00'", "2026-03-02 09:00:00"),
        ("date '2026-02-28'", "2026-02-28"),
        ("time '09:30'", "09:30:00"),
        ("true", "true"),
        ("'Ёлкина; \"A\"'::text", 'Ёлкина; "A"'),
        ("'RUB'::char(5)", "RUB  "),
        ("'00000000-0000-0000-0000-0000000000b1'::uuid", "00000000-0000-0000-0000-0000000000b1"),
        # Digits of JSON are not turned into binary numbers.
        ('\'{"price": 0.10, "имя": "Ё"}\'::jsonb', '{"price": 0.10, "имя": "Ё"}'),
        ("'{\"b\":1.50}'::json", '{"b":1.50}'),
        ("'12:30'::text || ':45 100%'", "12:30:45 100%"),
    ],
)
def test_a_value_lands_as_exact_text(landing: Landing, expression: str, text: str | None) -> None:
    landing.land(query=f"select {expression} as id")
    assert [row["id"] for row in landing.rows()] == [text]


def test_columns_and_tables_may_have_any_name(landing: Landing, server: PostgresServer) -> None:
    server.execute("faults", 'create table mis."Скидки" ("Скидка, %" int); grant select on mis."Скидки" to reader')
    server.execute("faults", 'insert into mis."Скидки" values (7)')
    landing.land(table="mis.Скидки", columns=_COLUMNS | {"clinic_id": "Скидка, %"})
    assert [row["Скидка, %"] for row in landing.rows()] == ["7"]


# Faults ---------------------------------------------------------------------------------------------------------


def _wrong(**query: Any) -> Callable[[Landing], dict[str, Any]]:
    return lambda landing: query


def _wrong_dsn(old: str, new: str) -> Callable[[Landing], dict[str, Any]]:
    def spoil(landing: Landing) -> dict[str, Any]:
        assert old in landing.dsn
        landing.dsn = landing.dsn.replace(old, new)
        return {"query": "select 1 as id"}

    return spoil


def _impatient(landing: Landing) -> dict[str, Any]:
    landing.dsn += "?options=-c%20statement_timeout%3D100"
    return {"query": "select 1 as id from pg_sleep(20)"}


def _closed_port(landing: Landing) -> dict[str, Any]:
    port = landing.dsn.partition("@127.0.0.1:")[2].partition("/")[0]
    return _wrong_dsn(f":{port}/", ":1/")(landing)


# Its own connection, when two of three chunks have been read.
_KILL = "pg_terminate_backend(pg_backend_pid())"
FAULTS: dict[str, tuple[Callable[[Landing], dict[str, Any]], str, str]] = {
    "connection refused": (
        _closed_port,
        "faults 2026-03-02 database ($FAULTS_DSN): the database cannot be connected to (connection failed: ",
        "Connection refused). See that it runs, and that host, port, user, password and database in $FAULTS_DSN",
    ),
    "wrong password": (
        _wrong_dsn("%25", "%26"),
        "faults 2026-03-02 database ($FAULTS_DSN): the database cannot be connected to (connection failed: ",
        'password authentication failed for user "reader"',
    ),
    "no such database": (
        _wrong_dsn("/faults", "/fault"),
        "faults 2026-03-02 database ($FAULTS_DSN): the database cannot be connected to (connection failed: ",
        'database "fault" does not exist',
    ),
    "missing table": (
        _wrong(table="mis.bookinks"),
        'faults 2026-03-02 first (mis.bookinks): the database says: relation "mis.bookinks" does not exist. ',
        "Name a table that exists, with its schema, in the profile",
    ),
    "missing column": (
        _wrong(table="mis.branches"),
        'faults 2026-03-02 first (mis.branches): the database says: column "id" does not exist. ',
        "Name a column that exists, in the profile's columns or cursor",
    ),
    "permission denied": (
        _wrong(table="mis.passwords", columns=_COLUMNS | {"clinic_id": "staff_id"}),
        "faults 2026-03-02 first (mis.passwords): the database says: permission denied for table passwords. ",
        "grant select on it",
    ),
    "broken SQL": (
        _wrong(query="selekt 1 as id"),
        'faults 2026-03-02 first (query): the database says: syntax error at or near "1". ',
        "Correct the SQL of the query in the profile",
    ),
    "a query that writes": (
        _wrong(query="select mis.leave_a_mark() as id"),
        "faults 2026-03-02 first (query): the database says: cannot execute INSERT in a read-only transaction. ",
        "A source is only read: take what writes out of the query",
    ),
    "statement timeout": (
        _impatient,
        "faults 2026-03-02 first (query): the database says: canceling statement due to statement timeout. ",
        "give the cursor an index, or the DSN's user a longer statement_timeout",
    ),
    "lost midway": (
        _wrong(query=f"select n as id from generate_series(1, 60000) n where n < 45000 or {_KILL}"),
        "faults 2026-03-02 first (query): the connection was lost while it was read. ",
        "Run the day again; nothing of it was landed",
    ),
    "a value that does not fit": (
        _wrong(query="select 'Иванова'::text::int as id"),
        "faults 2026-03-02 first (query): a value cannot be read (InvalidTextRepresentation 22P02). ",
        "Cast it to text in a query, or leave such rows out there",
    ),
    "a time that nobody can tell": (
        _wrong(query="select timestamp 'infinity' as id"),
        "faults 2026-03-02 first (query): a value cannot be read (DataError). ",
        "Cast it to text in a query, or leave such rows out there",
    ),
    "bytes": (
        _wrong(query="select 'a'::bytea as id"),
        "faults 2026-03-02 first (query): column 'id' holds bytes. ",
        "Cast it to text in a query, or do not map it",
    ),
    "a cursor of text": (
        _wrong(table="mis.branches", columns=_COLUMNS | {"clinic_id": "title"}, mode="delta", cursor="title"),
        "faults 2026-03-02 first (mis.branches): the cursor 'title' is neither a time, a date nor",
        "a whole number but str. Name another column in the profile",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_said_with_what_to_do_and_nothing_is_landed(
    landing: Landing, server: PostgresServer, fault: str
) -> None:
    server.execute("faults", "delete from mis.branches")
    server.execute("faults", "insert into mis.branches values (gen_random_uuid(), 'A', 'UTC', 'RUB')")
    spoil, beginning, remedy = FAULTS[fault]
    said = str(landing.refusal(**spoil(landing)))
    assert said.startswith(beginning)
    assert remedy in said
    assert "\n" not in said and "Иванова" not in said


@pytest.mark.parametrize(("fault", "may_pass"), [("connection refused", True), ("lost midway", True), ("bytes", False)])
def test_only_what_may_pass_is_tried_again(landing: Landing, fault: str, may_pass: bool) -> None:
    assert isinstance(landing.refusal(**FAULTS[fault][0](landing)), DatabaseAway) is may_pass


def test_everything_that_is_wrong_is_said_at_once(landing: Landing) -> None:
    """An error ends a transaction of PostgreSQL; what is behind it is looked at all the same."""
    with pytest.raises(ExportRefused) as refused:
        list(landing.start({"table": "mis.first"}, {"table": "mis.second"}))
    assert [problem.file for problem in refused.value.problems] == ["mis.first", "mis.second"]
    assert 'relation "mis.second" does not exist' in str(refused.value)


# One state ------------------------------------------------------------------------------------------------------


def test_all_entities_of_a_day_show_one_state_of_the_database(landing: Landing, server: PostgresServer) -> None:
    server.execute("faults", "create table if not exists mis.ids (id int); grant select on mis.ids to reader")
    server.execute("faults", "delete from mis.ids; insert into mis.ids values (1)")
    entities = landing.start({"table": "mis.ids"}, {"table": "mis.ids"})
    assert next(entities).rows == 1
    server.execute("faults", "insert into mis.ids values (2)")
    assert next(entities).rows == 1
    assert list(entities) == []
    assert landing.rows("first") == landing.rows("second") == [{"id": "1"}]


def test_a_landing_that_is_given_up_leaves_nothing(landing: Landing) -> None:
    entities = landing.start({"query": "select 1 as id"}, {"query": "select 2 as id"})
    next(entities)
    entities.close()
    assert [path for path in landing.folder.rglob("*") if path.name != "faults"] == []


def test_a_cursor_without_a_time_zone_is_a_wall_clock_of_the_source(landing: Landing) -> None:
    rows = (
        "(values (1, timestamp '2026-03-02 23:59:59'), (2, timestamp '2026-03-03 00:00:00'), (3, null)) as t (id, at)"
    )
    [landed] = landing.land(query=f"select * from {rows}", mode="delta", cursor="at")
    assert [row["id"] for row in landing.rows()] == ["1", "3"]
    assert landed.until == "2026-03-03 00:00:00"


def test_a_cursor_with_a_time_zone_is_cut_at_midnight_of_the_source(landing: Landing) -> None:
    rows = "(values (1, timestamptz '2026-03-02 20:59:59Z'), (2, timestamptz '2026-03-02 21:00:00Z')) as t (id, at)"
    landing.land(query=f"select * from {rows}", mode="delta", cursor="at")
    assert [row["id"] for row in landing.rows()] == ["1"]
    manifest = json.loads((landing.folder / "faults" / str(DAY) / "_manifest.json").read_text())
    assert manifest["entities"]["first"]["reach"]["newest"] == "2026-03-02 20:59:59+00:00"


def test_a_large_table_is_read_in_chunks(landing: Landing) -> None:
    [landed] = landing.land(query="select n as id from generate_series(1, 70000) n")
    assert landed.rows == 70_000
    groups = pq.ParquetFile(landing.folder / "faults" / str(DAY) / "first.parquet").metadata.num_row_groups
    assert groups == 4
