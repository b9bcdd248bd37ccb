"""An export read and guarded as a whole: its verdict, who may load it, and when the verdict is withdrawn."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from export_case import CLINICS, CONTRACTS, DAY1, DAY2, DAY3, REFERRALS, Landing, little_mis

from orchestration.ingest.export import guard_export, guarded_batches, mark_loaded
from orchestration.ingest.loading.load import load_batches
from orchestration.ingest.loading.warehouse import WarehouseAwayError, create_tables
from orchestration.ingest.refusal import ExportRefused

_UNKNOWN_CURRENCY = CLINICS.replace("RUB", "roubles")


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = Landing(tmp_path, little_mis())
    for day in (DAY1, DAY2, DAY3):
        landing.put(day)
    return landing


def _run(landing: Landing, *days: date) -> list[date]:
    """Reads and guards; returns the blocked days."""
    landing.read(*days)
    return sorted(
        {day for result in guard_export(landing.find(*days), landing.warehouse) for day in result.blocked_days}
    )


def test_a_reading_that_passes_waits_for_the_loader_until_it_is_loaded(landing: Landing) -> None:
    landing.put(DAY2, "referrals.csv", REFERRALS + "R3,,P3,2026-01-05 10:00:00\nR4\n")
    assert landing.to_load() == []
    assert _run(landing, DAY2, DAY3) == []
    assert _run(landing, DAY1) == []
    assert landing.to_load() == [DAY1, DAY2, DAY3]

    export = landing.find(DAY2, DAY3)
    batches = guarded_batches(export)
    assert [batch.contract.entity for batch in batches] == list(CONTRACTS)
    with duckdb.connect() as connection:
        create_tables(connection, CONTRACTS)
        loads = load_batches(connection, landing.profile, export.days, batches, landing.store)
    by_entity = {load.entity: (load.rows_read, load.rows_loaded) for load in loads if load.rows_read}
    assert by_entity == {"clinics": (2, 2), "referrals": (4, 2)}
    mark_loaded(export)
    assert landing.to_load() == [DAY1]


def test_a_blocked_day_may_not_be_loaded_and_blocks_the_reading_it_is_part_of(landing: Landing) -> None:
    landing.put(DAY2, text=_UNKNOWN_CURRENCY)
    assert _run(landing, DAY1, DAY2) == [DAY2]
    assert landing.to_load() == []


def test_the_verdict_on_a_day_is_withdrawn_as_soon_as_it_is_read_again_and_that_on_others_stays(
    landing: Landing,
) -> None:
    _run(landing, DAY1, DAY2, DAY3)
    assert landing.to_load() == [DAY1, DAY2, DAY3]
    landing.put(DAY2, text="id\n")
    with pytest.raises(ExportRefused, match="the header lacks 'currency', 'name'"):
        landing.read(DAY2)
    assert landing.to_load() == [DAY1, DAY3]


def test_a_day_that_is_read_and_not_guarded_does_not_wait_for_the_loader(landing: Landing) -> None:
    _run(landing, DAY1)
    landing.read(DAY2)
    assert landing.to_load() == [DAY1]


def test_a_missing_file_and_an_unreadable_one_are_told_together(landing: Landing) -> None:
    landing.put(DAY1).unlink()
    landing.put(DAY1, "referrals.csv", "id,clinic\nR1,K1\n")
    with pytest.raises(ExportRefused) as caught:
        landing.read(DAY1)
    assert [(problem.entity, problem.reason) for problem in caught.value.problems] == [
        ("clinics", "the file is missing"),
        ("referrals", "the header lacks 'at', 'patient'"),
    ]
    assert landing.to_load() == []


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_tried(landing: Landing) -> None:
    landing.put(DAY1, text="")
    landing.put(DAY1, "referrals.csv", "id,clinic\nR1,K1\n")
    with pytest.raises(ExportRefused) as caught:
        landing.read(DAY1)
    assert [problem.entity for problem in caught.value.problems] == ["clinics", "referrals"]
    assert landing.to_load() == []


def test_an_entity_that_is_not_delivered_any_more_leaves_no_batch_and_no_quarantine(landing: Landing) -> None:
    others = "".join(f"X{number},K1,P1,2026-01-05 10:00:00\n" for number in range(10))
    # R2 stands twice: the guard refuses one of the rows.
    referrals = landing.put(DAY1, "referrals.csv", REFERRALS + others + "R2,K1,P2,2026-01-05 10:00:00\nR4\n")
    _run(landing, DAY1)
    assert landing.store.refused_paths("little", "referrals", [DAY1])
    referrals.unlink()
    _run(landing, DAY1)
    export = landing.find(DAY1)
    with duckdb.connect() as connection:
        create_tables(connection, CONTRACTS)
        load_batches(connection, landing.profile, export.days, guarded_batches(export), landing.store)
        assert connection.execute("from ops.quarantine").fetchall() == []
        assert connection.execute("select entity, rows_read from ops.load_log").fetchall() == [("clinics", 1)]
        assert connection.execute("from raw.referrals").fetchall() == []


def test_an_entity_that_is_gone_from_one_day_of_a_range_leaves_nothing_of_that_day(landing: Landing) -> None:
    for day in (DAY1, DAY2):
        landing.put(day, "referrals.csv", REFERRALS + "R4\n")
    _run(landing, DAY1, DAY2)
    (landing.path / "little" / str(DAY1) / "referrals.csv").unlink()
    _run(landing, DAY1, DAY2)
    export = landing.find(DAY1, DAY2)
    with duckdb.connect() as connection:
        create_tables(connection, CONTRACTS)
        load_batches(connection, landing.profile, export.days, guarded_batches(export), landing.store)
        assert connection.execute("select distinct _export_date from raw.referrals").fetchall() == [(DAY2,)]
        assert connection.execute("select distinct _export_date from ops.quarantine").fetchall() == [(DAY2,)]


def test_pseudonyms_need_the_key_that_is_given(landing: Landing) -> None:
    landing.put(DAY1, "referrals.csv", REFERRALS)
    reads = {read.entity: read for read in landing.read(DAY1)}
    assert reads["referrals"].rows_read == 2
    (path,) = landing.store.paths("little", "referrals", [DAY1])
    patients = duckdb.sql(f"select patient_id from read_parquet('{path}') order by _row").fetchall()
    assert patients == [(hmac.new(b"key", patient, hashlib.sha256).hexdigest()[:32],) for patient in (b"P1", b"P2")]


@pytest.mark.parametrize("name", ["Иванова_Анна_Петровна.csv", "тел 89161234567.csv"])
def test_a_file_named_after_a_patient_is_refused_without_the_name(tmp_path: Path, name: str) -> None:
    landing = Landing(tmp_path, little_mis(files={"referrals": "*.csv"}))
    landing.put(DAY1)
    landing.put(DAY1, name, REFERRALS)
    with pytest.raises(ExportRefused) as caught:
        landing.read(DAY1)
    (problem,) = [problem for problem in caught.value.problems if "name" in problem.reason]
    assert str(problem).startswith("little 2026-01-05 referrals (2026-01-05/(personal data)")
    assert "Петровна" not in str(problem) and "9161234567" not in str(problem)


def test_a_guard_that_cannot_read_the_warehouse_says_who_has_it_open(landing: Landing) -> None:
    landing.read(DAY1)
    program = f"import duckdb; c = duckdb.connect({str(landing.warehouse)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseAwayError, match=rf"in use by another process \(python\S*, PID {holder.pid}\)"):
            guard_export(landing.find(DAY1), landing.warehouse)
        holder.communicate(b"\n")
