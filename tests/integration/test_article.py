"""The worked example of the article, from exports of its own to the published mart; read by an older DuckDB, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from article_export import DAY, PROFILE, SOURCE, write_article
from homes import Home, NewHome

# A client of 2024, as BI tools of today carry it.
REQUIREMENTS = Path(__file__).with_name("older_duckdb.txt")
LOOK = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
tables = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
counts = {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for (name,) in tables}
hours = connection.execute("select sum(room_hours)::varchar from mart_utilisation__clinic_day").fetchone()[0]
comments = connection.execute("select count(comment) from duckdb_columns()").fetchone()[0]
print(json.dumps([duckdb.__version__, counts, hours, comments]))
"""


@pytest.fixture(scope="session")
def article(new_home: NewHome) -> Home:
    home = new_home("article", PROFILE)
    write_article(home.landing)
    outcome = home.run(SOURCE, DAY)
    assert outcome.succeeded, outcome.messages
    return home


def test_fifty_hours_of_rooms_25_in_the_schedule_15_bought(article: Home) -> None:
    hours = article.published(
        """
        select room_hours, doctor_hours, sold_hours, doctor_fill_rate, capacity_utilisation, slots_sold
        from mart_utilisation__clinic_day where local_date = ?
        """,
        DAY,
    )
    assert hours == [(50, 25, 15, Decimal("0.5"), Decimal("0.3"), 10)]


def test_what_was_not_loaded_and_not_bought(article: Home) -> None:
    hours = article.published(
        "select unstaffed_hours, unsold_hours, overtime_hours, patient_fill_rate from mart_utilisation__clinic_day"
    )
    assert hours == [(25, 10, 0, Decimal("0.6"))]


def test_room_by_room(article: Home) -> None:
    rooms = article.published(
        "select resource_id, room_hours, doctor_hours, sold_hours from mart_utilisation__resource_day order by 1"
    )
    assert rooms == [
        ("article:1", 10, 10, 8),
        ("article:2", 10, 10, 4),
        ("article:3", 10, 5, 3),
        ("article:4", 10, 0, 0),
        ("article:5", 10, 0, 0),
    ]


def test_what_an_hour_is_worth_is_not_known(article: Home) -> None:
    assert article.published("select count(hour_value), count(revenue_amount) from mart_utilisation__clinic_day") == [
        (0, 0)
    ]


# An older client -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def older_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with DuckDB 1.1.3 in it, beside the one that this process has loaded."""
    folder = tmp_path_factory.mktemp("older_duckdb")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "--target", str(folder), "-r", str(REQUIREMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:]
        pytest.skip(f"DuckDB 1.1.3 could not be fetched by pip, so there is no older client to try: {reason}")
    return folder


def test_an_older_client_opens_the_published_marts(article: Home, older_duckdb: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(article.marts)],
        env=os.environ | {"PYTHONPATH": str(older_duckdb)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    version, counts, hours, comments = json.loads(done.stdout)
    assert version == "1.1.3"
    assert counts == dict(article.published("select table_name, estimated_size from duckdb_tables()"))
    assert (hours, comments > 100) == ("50.000000", True)


def test_the_older_client_would_refuse_the_newer_storage(older_duckdb: Path, tmp_path: Path) -> None:
    """Otherwise the test above would pass whatever is published."""
    newest = tmp_path / "newest.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{newest}' as newest (storage_version 'latest')")
        connection.execute("create table newest.mart_utilisation__clinic_day as select 1 as room_hours")
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(newest)],
        env=os.environ | {"PYTHONPATH": str(older_duckdb)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "newer version of DuckDB" in done.stderr
