"""A database is landed a day at a time: whole or not at all, once, and readable like any other export."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from database_case import ENTITIES, LATER, MONDAY, TUESDAY, VARIABLE, WEDNESDAY, LittleDatabase, little_mis

from orchestration.ingest.database.land import DatabaseAway
from orchestration.ingest.refusal import ExportRefused

FRIDAY = date(2026, 2, 27)


@pytest.fixture
def database(tmp_path: Path) -> LittleDatabase:
    return LittleDatabase(tmp_path)


def _with(entity: str, **changes: Any) -> dict[str, Any]:
    return ENTITIES | {entity: ENTITIES[entity] | changes}


def _refusal(database: LittleDatabase, *days: date, **how: Any) -> str:
    with pytest.raises(ExportRefused) as refused:
        database.land(*(days or (MONDAY,)), **how)
    return str(refused.value)


# What lands -----------------------------------------------------------------------------------------------------


def test_a_day_lands_as_a_file_of_text_per_entity_with_a_manifest(database: LittleDatabase) -> None:
    landed = database.land(MONDAY)
    assert [(one.entity, one.rows) for one in landed] == [("clinics", 2), ("payments", 2)]
    day = str(MONDAY)
    assert database.files() == [day, f"{day}/_manifest.json", f"{day}/clinics.parquet", f"{day}/payments.parquet"]
    assert database.landed(MONDAY, "clinics") == [
        {"currency": "RUB", "id": "1", "Название 100%": 'Центр; "А"'},
        {"currency": None, "id": "2", "Название 100%": "Север:2"},
    ]
    assert database.landed(MONDAY, "payments")[0] == {
        "amount": "10.00",
        "at": "2026-03-02 09:00:00",
        "clinic": "1",
        "no": "1",
        "note": "no :time, 5 %",
    }


def test_the_manifest_says_what_was_asked_when_and_how_far_it_got(database: LittleDatabase) -> None:
    database.land(MONDAY)
    manifest = json.loads((database.folder_of(MONDAY) / "_manifest.json").read_text(encoding="utf-8"))
    assert (manifest["source"], manifest["day"]) == ("little", "2026-03-02")
    assert manifest["snapshot_at"] == str(LATER)
    assert manifest["entities"]["clinics"]["relation"] == "clinics"
    payments = manifest["entities"]["payments"]
    assert payments["relation"] == ENTITIES["payments"]["query"]
    assert payments["reach"] == {"column": "no", "kind": "number", "after": None, "newest": 2}


def test_what_has_landed_is_read_like_any_other_export(database: LittleDatabase) -> None:
    database.land(MONDAY)
    reads = {read.entity: read for read in database.read(MONDAY)}
    assert {entity: (read.rows_read, read.warnings) for entity, read in reads.items()} == {
        "clinics": (2, []),
        "payments": (2, []),
    }
    # The clinic without a currency, which is required.
    assert {entity: read.rows_quarantined for entity, read in reads.items()} == {"clinics": 1, "payments": 0}
    rows = duckdb.sql(f"select _file, _row from '{database.folder}/batches/little/payments/*/*.parquet' order by all")
    assert rows.fetchall() == [("2026-03-02/payments.parquet", 1), ("2026-03-02/payments.parquet", 2)]


def test_only_its_owner_may_read_what_has_landed(database: LittleDatabase) -> None:
    database.land(MONDAY)
    assert stat.S_IMODE(database.folder_of(MONDAY).stat().st_mode) == 0o700


def test_what_a_contract_drops_is_not_even_asked_for(database: LittleDatabase) -> None:
    """The column does not exist, so asking for it would fail; the reader finds it, empty."""
    cards = {"table": "cards", "mode": "full", "columns": {"patient_id": "id", "phone": "mobile", "sex": "sex"}}
    database.profile = little_mis({"patients": cards})
    database.execute("create table cards (id integer, sex text, notes text); insert into cards values (1, 'male', 'x')")
    database.land(MONDAY)
    assert database.landed(MONDAY, "patients") == [{"id": "1", "sex": "male", "mobile": None}]
    assert [read.rows_read for read in database.read(MONDAY)] == [1]


def test_an_entity_of_constants_lands_with_as_many_rows_as_there_are(database: LittleDatabase) -> None:
    constants = {name: {"constant": "UTC"} for name in ("clinic_id", "clinic_name", "time_zone", "currency")}
    database.profile = little_mis({"clinics": ENTITIES["clinics"] | {"columns": constants}})
    assert [landed.rows for landed in database.land(MONDAY)] == [2]
    assert [read.rows_read for read in database.read(MONDAY)] == [2]


def test_an_empty_table_lands_as_an_empty_file(database: LittleDatabase) -> None:
    database.execute("delete from payments")
    assert [landed.rows for landed in database.land(MONDAY)] == [2, 0]
    assert {read.entity: read.rows_read for read in database.read(MONDAY)} == {"clinics": 2, "payments": 0}


def test_more_rows_than_fit_into_memory_at_once_land_in_chunks(database: LittleDatabase) -> None:
    database.execute(
        """
        with recursive n(value) as (select 3 union all select value + 1 from n where value < 50000)
        insert into payments select value, '1', '2026-03-02 12:00:00', '0.01' from n
        """
    )
    assert [landed.rows for landed in database.land(MONDAY)] == [2, 50_000]
    assert len(set(database.numbers(MONDAY))) == 50_000
    assert database.source().manifests()[MONDAY].entities["payments"].reach.newest == 50_000


# Which days land ------------------------------------------------------------------------------------------------


def test_a_landed_day_is_kept_and_asks_the_database_nothing(database: LittleDatabase) -> None:
    database.land(MONDAY)
    before = (database.folder_of(MONDAY) / "payments.parquet").read_bytes()
    database.execute("update payments set amount = '99.00'")
    assert database.land(MONDAY, dsn="sqlite:////nowhere/at/all") == []
    assert (database.folder_of(MONDAY) / "payments.parquet").read_bytes() == before


def test_a_day_that_was_landed_before_it_was_over_is_landed_again(database: LittleDatabase) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    database.land(MONDAY, now=noon)
    database.execute("insert into payments values (3, '1', '2026-03-02 15:00:00', '30.00')")
    assert len(database.land(MONDAY, now=noon + timedelta(days=1))) == 2
    assert database.numbers(MONDAY) == ["1", "2", "3"]
    assert database.land(MONDAY, now=noon + timedelta(days=2)) == []
    assert [name for name in database.files() if name.startswith(".")] == []


def test_the_day_is_over_when_it_is_over_in_the_sources_zone(database: LittleDatabase) -> None:
    database.profile = little_mis(time_zone="America/New_York")
    database.land(MONDAY, now=datetime(2026, 3, 3, 4, 59, tzinfo=UTC))
    assert database.source().wanting([MONDAY]) == [MONDAY]
    database.land(MONDAY, now=datetime(2026, 3, 3, 5, 0, tzinfo=UTC))
    assert database.source().wanting([MONDAY]) == []


def test_a_day_that_has_not_begun_is_refused(database: LittleDatabase) -> None:
    refusal = _refusal(database, TUESDAY, now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert refusal == f"little 2026-03-03 database (${VARIABLE}): the day has not begun. Today is 2026-03-02 in UTC"


def test_numbers_go_on_and_a_day_landed_again_gets_the_same_ones(database: LittleDatabase) -> None:
    database.land(MONDAY)
    for number, day in ((3, TUESDAY), (4, WEDNESDAY)):
        database.execute(f"insert into payments values ({number}, '1', '2026-03-03 09:00:00', '1.00')")
        database.land(day)
    assert [database.numbers(day) for day in (MONDAY, TUESDAY, WEDNESDAY)] == [["1", "2"], ["3"], ["4"]]
    for path in [*database.folder_of(TUESDAY).iterdir()]:
        path.unlink()
    database.folder_of(TUESDAY).rmdir()
    database.execute("insert into payments values (5, '1', '2026-03-05 09:00:00', '1.00')")
    database.land(TUESDAY)
    assert database.numbers(TUESDAY) == ["3"]


def test_a_row_without_a_value_in_the_cursor_is_read_every_day(database: LittleDatabase) -> None:
    database.execute("insert into payments values (null, '1', '2026-03-02 15:00:00', '30.00')")
    database.land(MONDAY, TUESDAY)
    assert database.numbers(MONDAY) == ["1", "2", None]
    assert database.numbers(TUESDAY) == [None]


def test_another_cursor_begins_anew(database: LittleDatabase) -> None:
    database.land(MONDAY)
    database.execute("alter table payments add column version integer; update payments set version = 1")
    query = {"query": None, "table": "payments", "cursor": "version"}
    columns = {name: column for name, column in ENTITIES["payments"]["columns"].items() if name != "method"}
    database.profile = little_mis(_with("payments", **query, columns=columns))
    database.land(TUESDAY)
    assert database.numbers(TUESDAY) == ["1", "2"]


def test_catching_up_takes_the_days_since_the_last_landed_one_up_to_yesterday(database: LittleDatabase) -> None:
    friday_evening = datetime(2026, 2, 27, 20, tzinfo=UTC)
    assert database.source(friday_evening).behind() == [date(2026, 2, 26)]
    database.land(FRIDAY, now=friday_evening)
    monday = datetime(2026, 3, 2, 4, tzinfo=UTC)
    # Friday was not over when it was landed.
    assert database.source(monday).behind() == [FRIDAY, date(2026, 2, 28), date(2026, 3, 1)]
    database.land(FRIDAY, date(2026, 2, 28), date(2026, 3, 1), now=monday)
    assert database.source(monday).behind() == []


# Nothing half-landed --------------------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_said_at_once_and_nothing_lands(database: LittleDatabase) -> None:
    columns = ENTITIES["clinics"]["columns"] | {"city": "town"}
    payments = {"query": "select * from payment"}
    database.profile = little_mis(
        {"clinics": ENTITIES["clinics"] | {"columns": columns}, "payments": ENTITIES["payments"] | payments}
    )
    first, second = _refusal(database).splitlines()
    assert first.startswith("little 2026-03-02 clinics (clinics): the database says: no such column: town")
    assert second.startswith("little 2026-03-02 payments (query): the database says: no such table: payment")
    assert database.files() == []


def test_days_before_the_one_that_fails_stay_landed(database: LittleDatabase) -> None:
    with pytest.raises(ExportRefused, match=r"little 2026-03-03 .*the day has not begun"):
        database.land(MONDAY, TUESDAY, now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert database.numbers(MONDAY) == ["1", "2"]


def test_what_a_killed_run_left_is_no_day_and_is_swept_away(database: LittleDatabase) -> None:
    left = database.landing / "little" / f".{MONDAY}.part"
    left.mkdir(parents=True)
    (left / "payments.parquet").write_bytes(b"half")
    assert database.source().wanting([MONDAY]) == [MONDAY]
    database.land(MONDAY)
    assert not left.exists()
    assert database.numbers(MONDAY) == ["1", "2"]


def test_a_folder_that_was_not_landed_from_the_database_is_not_touched(database: LittleDatabase) -> None:
    database.folder_of(MONDAY).mkdir(parents=True)
    (database.folder_of(MONDAY) / "payments.csv").write_text("by hand")
    refusal = _refusal(database, TUESDAY)
    assert "its manifest is missing or broken. Move " in refusal
    assert (database.folder_of(MONDAY) / "payments.csv").read_text() == "by hand"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cursor": "at"}, "the cursor 'at' is neither a time, a date nor a whole number but str"),
        ({"lookback": "2 hours"}, "the cursor 'no' is a number, so 'lookback' must be one, too, e.g. 1000"),
        ({"query": "select *, x'00' as note from payments"}, "column 'note' holds bytes. Cast it to text in a query"),
        ({"query": "insert into payments values (9, '1', '', '')"}, 'near "insert": syntax error'),
    ],
)
def test_what_cannot_be_landed_is_refused_with_what_to_do(
    database: LittleDatabase, changes: dict[str, Any], message: str
) -> None:
    database.profile = little_mis(_with("payments", **changes))
    refusal = _refusal(database)
    assert refusal.startswith("little 2026-03-02 payments (query): ")
    assert message in refusal
    assert database.files() == []


# The DSN --------------------------------------------------------------------------------------------------------


def test_a_source_without_a_dsn_of_which_nothing_has_landed_is_not_in_use(database: LittleDatabase) -> None:
    assert database.land(MONDAY, dsn=None) == []


def test_a_source_in_use_needs_its_dsn(database: LittleDatabase) -> None:
    database.land(MONDAY)
    assert database.land(MONDAY, dsn=None) == []
    assert f"little 2026-03-03 database (${VARIABLE}): ${VARIABLE} is not set." in _refusal(database, TUESDAY, dsn=None)


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        ("host=host7 user=vasya password=geheim", "holds no DSN that can be read"),
        ("postgresql://vasya:geheim@host7:port/mis", "holds no DSN that can be read"),
        ("postgresql://vasya:ge@heim@host7/mis", "has an '@' in its user or password. Write it as %40"),
        ("nosuch://vasya:geheim@host7/mis", "no database is known by the name"),
        ("postgresql+nosuch://vasya:geheim@host7/mis", "no database is known by the name"),
        (
            "oracle+oracledb://vasya:geheim@host7/mis",
            "the driver of oracle is not installed. Install it: pip install 'oracledb'",
        ),
        ("sqlite:////nowhere/at/all", "cannot be connected to (unable to open database file)"),
    ],
)
def test_a_dsn_that_does_not_work_is_never_shown(database: LittleDatabase, dsn: str, message: str) -> None:
    refusal = _refusal(database, dsn=dsn)
    assert refusal.startswith(f"little 2026-03-02 database (${VARIABLE}): ")
    assert message in refusal
    assert [secret for secret in ("heim", "vasya", "host7") if secret in refusal] == []


def test_a_database_that_cannot_be_reached_may_be_back_in_a_moment(database: LittleDatabase) -> None:
    with pytest.raises(DatabaseAway):
        database.land(MONDAY, dsn="sqlite:////nowhere/at/all")
    assert database.files() == []
