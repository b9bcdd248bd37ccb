"""Merged cards and renamed ids: which one survives, and which days must be rebuilt for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from history_case import History, mis
from load_case import Loader, Row, line


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with duckdb.connect(config={"enable_external_file_cache": "false", "threads": "1"}) as connection:
        modes = {"patients": "delta", "id_changes": "full", "service_lines": "delta", "appointments": "delta"}
        yield History(Loader(tmp_path, connection), mis(**modes))


def card(key: str, into: str | None = None, **columns: Any) -> Row:
    return {"patient_id": key, "merged_into_patient_id": into, **columns}


def change(old: str, new: str, on: str | None = None, entity: str = "employees") -> Row:
    return {"entity": entity, "old_id": old, "new_id": new, "changed_on": on}


def test_a_chain_of_merges_ends_at_the_card_that_survives_in_any_order(history: History) -> None:
    history.load(2, {"patients": [card("B", "C"), card("D", "C")]})
    history.load(1, {"patients": [card("A", "B"), card("C")]})
    assert history.survivors() == {"A": "C", "B": "C", "D": "C"}


def test_a_merge_outlives_the_card_and_ends_with_a_version_that_takes_it_back(history: History) -> None:
    history.profile = mis(patients="full")
    history.load(1, {"patients": [card("A", "B"), card("B"), card("E", "B")]})
    history.load(2, {"patients": [card("B"), card("E", _is_deleted=True)]})
    assert history.survivors() == {"A": "B", "E": "B"}
    history.load(3, {"patients": [card("A"), card("B")]})
    assert history.survivors() == {"E": "B"}


def test_a_renamed_id_may_be_renamed_again_and_the_change_withdrawn(history: History) -> None:
    history.load(1, {"id_changes": [change("1", "2"), change("2", "3"), change("1", "9", entity="services")]})
    assert history.loader.rows("select entity, old_id, surviving_id from ops.surviving_ids order by all") == [
        ("employees", "1", "3"),
        ("employees", "2", "3"),
        ("services", "1", "9"),
    ]
    # This MIS exports all changes every day.
    history.load(2, {"id_changes": [change("1", "2")]})
    assert history.survivors() == {"1": "2"}


def test_a_ring_is_opened_at_its_oldest_change_and_said(history: History) -> None:
    renamed_back = [change("1", "2", "2026-01-01"), change("2", "1", "2026-02-01"), change("0", "2", "2026-01-01")]
    history.load(1, {"id_changes": renamed_back, "patients": [card("B", "A"), card("A", "C"), card("C", "B")]})
    assert history.survivors() == {"2": "1", "0": "1", "B": "A", "C": "A"}
    assert sorted(history.warnings) == [
        "demo_mis: changed ids of employees form a ring (1, 2). The oldest change, 1 → 2, is left out. "
        "Correct it in the MIS",
        "demo_mis: changed ids of patients form a ring (A, B, C). The oldest change, A → C, is left out. "
        "Correct it in the MIS",
    ]


def test_a_card_merged_into_itself_is_left_as_it_is_and_said(history: History) -> None:
    history.load(1, {"patients": [card("A", "A"), card("B", "A")]})
    assert history.survivors() == {"B": "A"}
    assert [warning for warning in history.warnings if "ring (A)" in warning]


def test_sources_keep_their_ids_apart(history: History) -> None:
    history.load(1, {"patients": [card("A", "B")]})
    history.loader.connection.execute("update raw.patients set _source = 'another'")
    history.loader.connection.execute("update ops.surviving_ids set _source = 'another'")
    history.load(1, {"patients": [card("C", "D")]})
    assert history.survivors() == {"A": "B", "C": "D"}


def test_a_merge_touches_the_days_of_the_rows_that_name_the_card_and_no_others(history: History) -> None:
    rows = [
        line(patient, f"2026-01-{at} 12:00", patient_id=patient) for patient, at in (("A", 10), ("B", 15), ("C", 20))
    ]
    history.load(1, {"service_lines": rows, "patients": [card("A"), card("B"), card("C")]})
    history.touched()
    history.load(2, {"patients": [card("A", "B")]})
    assert history.touched() == {"service_lines": ["2026-01-10"]}
    history.load(3, {"patients": [card("B", "C")]})
    assert history.touched() == {"service_lines": ["2026-01-10", "2026-01-15"]}
    # The merge of A is taken back, by a new issue of the day.
    history.load(2, {"patients": [card("A")]})
    assert history.touched() == {"service_lines": ["2026-01-10"]}


def test_a_renamed_booking_touches_its_own_days_and_those_of_its_lines(history: History) -> None:
    booking = {"clinic_id": "K1", "status": "attended"}
    history.load(
        1,
        {
            "appointments": [
                {"appointment_id": "old", "planned_start_at": "2026-01-10 12:00", **booking},
                {"appointment_id": "new", "planned_start_at": "2026-01-15 12:00", **booking},
                {"appointment_id": "other", "planned_start_at": "2026-01-20 12:00", **booking},
            ],
            "service_lines": [line("L", "2026-01-25 12:00", appointment_id="old")],
        },
    )
    history.touched()
    history.load(2, {"id_changes": [change("old", "new", entity="appointments")]})
    assert history.touched() == {"appointments": ["2026-01-10", "2026-01-15"], "service_lines": ["2026-01-25"]}
    # Another version of one of the two takes the place of the other's.
    history.load(3, {"appointments": [{"appointment_id": "old", "planned_start_at": "2026-01-05 12:00", **booking}]})
    assert history.touched() == {"appointments": ["2026-01-05", "2026-01-15"]}
