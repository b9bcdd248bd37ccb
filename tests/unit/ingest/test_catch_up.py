"""Catching up: the landed days that the warehouse does not hold, or holds in an older version."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from export_case import CONTRACTS, DAY1, DAY2, DAY3, REFERRALS, Landing, little_mis

from orchestration.ingest.catch_up import days_to_catch_up
from orchestration.ingest.landing import FileVersion
from orchestration.ingest.loading.warehouse import OPS_TABLES, create_tables, open_warehouse

_EXPORTED_AT = datetime(2026, 1, 10, 4, 0)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = Landing(tmp_path, little_mis())
    for day in (DAY1, DAY2, DAY3):
        _age(landing.put(day), _EXPORTED_AT)
    return landing


def _age(path: Path, changed_at: datetime) -> None:
    seconds = changed_at.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))


def _behind(landing: Landing) -> list[date]:
    return days_to_catch_up(landing.folder / "warehouse.duckdb", landing.path, landing.profile)


def _loaded(landing: Landing, *days: date, source: str = "little", entity: str = "clinics") -> None:
    with open_warehouse(landing.folder / "warehouse.duckdb") as connection:
        create_tables(connection, CONTRACTS)
        for day in days:
            version = FileVersion.of(landing.path / "little" / str(day) / f"{entity}.csv")
            entry = {
                "_source": source,
                "entity": entity,
                "export_date": day,
                "file": f"{day}/{entity}.csv",
                "file_bytes": version.size,
                "file_modified_ns": version.modified_ns,
                "file_sha256": version.sha256,
            }
            values = [entry.get(name) for name in OPS_TABLES["load_log"]]
            connection.execute(f"insert into ops.load_log values ({', '.join('?' * len(values))})", values)


def test_every_landed_day_is_new_to_a_warehouse_that_is_not_there(landing: Landing) -> None:
    assert _behind(landing) == [DAY1, DAY2, DAY3]


def test_every_landed_day_is_new_to_a_warehouse_without_tables(landing: Landing) -> None:
    with open_warehouse(landing.folder / "warehouse.duckdb"):
        pass
    assert _behind(landing) == [DAY1, DAY2, DAY3]


def test_loaded_days_are_not_run_again(landing: Landing) -> None:
    _loaded(landing, DAY1, DAY2, DAY3)
    assert _behind(landing) == []


def test_a_day_between_loaded_ones_is_new(landing: Landing) -> None:
    _loaded(landing, DAY1, DAY3)
    assert _behind(landing) == [DAY2]


def test_a_day_loaded_from_another_source_is_new(landing: Landing) -> None:
    _loaded(landing, DAY1, DAY2, DAY3, source="demo_mis")
    assert _behind(landing) == [DAY1, DAY2, DAY3]


def test_a_day_of_which_an_optional_file_has_come_is_behind(landing: Landing) -> None:
    _loaded(landing, DAY1, DAY2, DAY3)
    _age(landing.put(DAY2, "referrals.csv", REFERRALS), _EXPORTED_AT)
    assert _behind(landing) == [DAY2]
    _loaded(landing, DAY2, entity="referrals")
    assert _behind(landing) == []


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("text", ["id,name,currency\nK2,Centre,RUB\n", "id,name,currency\n"])
def test_a_day_whose_file_is_another_one_is_behind_however_old_it_is(landing: Landing, text: str, hours: int) -> None:
    _loaded(landing, DAY1, DAY2, DAY3)
    _age(landing.put(DAY3, text=text), _EXPORTED_AT + timedelta(hours=hours))
    assert _behind(landing) == [DAY3]


def test_a_file_that_was_copied_again_as_it_was_changes_nothing(landing: Landing) -> None:
    _loaded(landing, DAY1, DAY2, DAY3)
    _age(landing.put(DAY3), _EXPORTED_AT + timedelta(hours=1))
    assert _behind(landing) == []


def test_a_day_from_which_a_file_was_taken_away_is_behind(landing: Landing) -> None:
    referrals = landing.put(DAY2, "referrals.csv", REFERRALS)
    _age(referrals, _EXPORTED_AT)
    _loaded(landing, DAY1, DAY2, DAY3)
    _loaded(landing, DAY2, entity="referrals")
    assert _behind(landing) == []
    referrals.unlink()
    assert _behind(landing) == [DAY2]


def test_without_exports_there_is_nothing_to_catch_up_with(tmp_path: Path) -> None:
    assert _behind(Landing(tmp_path, little_mis())) == []
