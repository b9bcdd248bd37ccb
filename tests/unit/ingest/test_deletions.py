"""What is gone: told from raw rows, exports and quarantine, whatever the order of loading."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import pytest
from history_case import History, mis
from load_case import Loader, Row, line

from models.sources import Profile


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    with duckdb.connect(config={"enable_external_file_cache": "false", "threads": "1"}) as connection:
        yield Loader(tmp_path, connection)


def lines(*keys: str, clinic: str = "K1") -> dict[str, list[Row]]:
    return {"service_lines": [line(key, f"2026-01-{ord(key[0]) - 64:02d} 12:00", clinic=clinic) for key in keys]}


def test_a_key_that_a_full_snapshot_lacks_is_gone_and_its_day_is_touched(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "F"))
    history.touched()
    history.load(2, lines("F"))
    assert history.gone() == [("A", 1, 2)]
    assert history.touched() == {"service_lines": ["2026-01-01"]}
    history.load(3, lines("F"))
    assert (history.gone(), history.touched()) == ([("A", 1, 2)], {})


def test_what_a_delta_lacks_is_not_gone(loader: Loader) -> None:
    history = History(loader, mis(service_lines="delta"))
    history.load(1, lines("A", "F"))
    history.load(2, lines("F"))
    assert history.gone() == []


def test_an_entity_without_a_file_that_day_says_nothing_of_what_is_gone(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A"))
    history.load(2, {})
    assert history.gone() == []


def test_a_key_that_comes_back_was_gone_in_between(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "F"))
    history.load(2, lines("F"))
    history.touched()
    history.load(3, lines("A", "F"))
    assert history.gone() == [("A", 1, 2)]
    assert history.touched() == {"service_lines": ["2026-01-01"]}


def test_a_snapshot_issued_anew_brings_back_what_it_holds_now(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "F"))
    history.load(2, lines("F"))
    history.touched()
    history.load(2, lines("A", "F"))
    assert history.gone() == []
    assert history.touched() == {"service_lines": ["2026-01-01"]}


def test_any_order_of_days_gives_the_same_deletions(tmp_path: Path) -> None:
    days = {1: lines("A", "B", "C"), 2: lines("B"), 3: lines("A")}
    found = set()
    for number, order in enumerate(permutations(days)):
        with duckdb.connect(config={"enable_external_file_cache": "false"}) as connection:
            history = History(Loader(tmp_path / str(number), connection), mis(service_lines="full"))
            for one in order:
                history.load(one, days[one])
            found.add(tuple(history.gone()))
    assert found == {(("A", 1, 2), ("B", 2, 3), ("C", 1, 2))}


def test_a_key_in_quarantine_is_not_gone_until_a_snapshot_lacks_it(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "B", "F"))
    history.load(2, lines("B", "F"), quarantined={"service_lines": ["A"]}, refused={"service_lines": [2]})
    assert history.gone() == []
    assert loader.rows("select distinct stage, _key from ops.quarantine order by all") == [
        ("guard", "B"),
        ("read", "A"),
    ]
    history.load(3, lines("F"))
    assert history.gone() == [("A", 1, 3), ("B", 1, 3)]


def test_a_key_that_was_gone_already_is_not_brought_back_by_a_row_in_quarantine(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "F"))
    history.load(2, lines("F"))
    history.load(3, lines("F"), quarantined={"service_lines": ["A"]})
    assert history.gone() == [("A", 1, 2)]


def test_a_snapshot_with_a_row_whose_key_cannot_be_told_removes_nothing_and_says_so(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "F"))
    history.load(2, lines("F"), quarantined={"service_lines": ["B", None]})
    assert history.gone() == []
    assert history.warnings == [
        "demo_mis 2026-03-02 service_lines: 2026-03-02/service_lines.csv row 101 stands in quarantine without a "
        "readable key, so this snapshot removes no row"
    ]
    history.load(2, lines("F"))
    assert (history.gone(), history.warnings) == ([("A", 1, 2)], [])


def test_an_empty_snapshot_removes_nothing_and_says_so(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A"))
    history.load(2, {"service_lines": []})
    assert history.gone() == []
    assert history.warnings == ["demo_mis 2026-03-02 service_lines: the snapshot is empty, so it removes no row"]


@pytest.mark.parametrize(
    ("other", "who"),
    [
        ({"file": "refunds_*.csv", "required": False}, "refunds_*.csv"),
        ({"file": "service_lines.csv", "sheet": "Май"}, "service_lines.csv"),
    ],
)
def test_a_snapshot_of_which_a_part_was_not_delivered_removes_nothing_and_says_so(
    loader: Loader, other: dict[str, Any], who: str
) -> None:
    changes = {"parts": [{"file": "service_lines.csv"}, other]}
    whole = mis(service_lines="full")
    entities = {"service_lines": whole._written["entities"]["service_lines"] | changes}
    history = History(loader, Profile.model_validate(whole._written | {"entities": entities}))
    history.load(1, lines("A", "F"))
    history.load(2, lines("F"))
    assert history.gone() == []
    (warning,) = history.warnings
    assert warning.endswith(f"service_lines: {who} delivered no file, so this snapshot removes no row")


def test_a_replaced_window_removes_the_rows_of_its_local_days_alone(loader: Loader) -> None:
    history = History(loader, mis("Asia/Vladivostok", service_lines="window"))
    rows = [
        line("before the window", "2026-03-02 23:59"),
        line("first day of it", "2026-03-03 00:00"),
        line("last day of it", "2026-03-05 23:59"),
        line("after it", "2026-03-06 00:00"),
        # Ten hours ahead of UTC.
        line("before it in the east", "2026-03-02 13:59", clinic="K9"),
        line("first day of it in the east", "2026-03-02 14:00", clinic="K9"),
        line("last day of it in the east", "2026-03-05 13:59", clinic="K9"),
        line("after it in the east", "2026-03-05 14:00", clinic="K9"),
    ]
    history.load(4, {"service_lines": rows})
    history.load(5, {"service_lines": [line("new", "2026-03-05 09:00")]})
    assert history.gone() == [
        ("first day of it", 4, 5),
        ("first day of it in the east", 4, 5),
        ("last day of it", 4, 5),
        ("last day of it in the east", 4, 5),
    ]


def test_an_export_keeps_the_window_that_it_had_when_the_profile_has_changed(loader: Loader) -> None:
    history = History(loader, mis(service_lines="window"))
    history.load(1, {"service_lines": [line("A", "2026-03-01 09:00"), line("B", "2026-02-20 09:00")]})
    history.load(2, {"service_lines": [line("C", "2026-03-02 09:00")]})
    history.profile = mis(service_lines="delta")
    history.load(3, {"service_lines": [line("D", "2026-03-03 09:00")]})
    assert history.gone() == [("A", 1, 2)]


def test_keys_of_several_columns_are_told_apart_whatever_they_hold(loader: Loader) -> None:
    history = History(loader, mis(line_performers="full"))
    role = {"performer_role": "doctor"}
    history.load(
        1,
        {
            "line_performers": [
                {"service_line_id": "a|", "employee_id": "b", **role},
                {"service_line_id": "a", "employee_id": "|b", **role},
                {"service_line_id": "a~", "employee_id": "b", **role},
            ]
        },
    )
    history.load(2, {"line_performers": [{"service_line_id": "a", "employee_id": "|b", **role}]})
    assert history.gone() == [("a~||b|doctor", 1, 2), ("a~~|b|doctor", 1, 2)]


def test_a_snapshot_that_repeats_a_row_touches_nothing_and_one_that_corrects_it_both_its_days(loader: Loader) -> None:
    history = History(loader, mis(service_lines="full"))
    history.load(1, lines("A", "F"))
    history.touched()
    history.load(2, lines("A", "F"))
    assert history.touched() == {}
    moved = [line("A", "2026-01-20 12:00"), *lines("F")["service_lines"]]
    history.load(3, {"service_lines": moved})
    assert history.touched() == {"service_lines": ["2026-01-01", "2026-01-20"]}
    # A correction of a version that no longer stands.
    history.load(2, {"service_lines": [line("A", "2026-01-25 12:00"), *lines("F")["service_lines"]]})
    assert history.touched() == {}


def test_a_row_that_the_source_flags_as_deleted_touches_its_day_once(loader: Loader) -> None:
    history = History(loader, mis(service_lines="delta"))
    history.load(1, lines("A", "F"))
    history.touched()
    history.load(2, {"service_lines": [line("A", "2026-01-01 12:00", _is_deleted=True)]})
    assert history.touched() == {"service_lines": ["2026-01-01"]}
    history.load(3, {"service_lines": [line("A", "2026-01-01 12:00", _is_deleted=True)]})
    assert history.touched() == {}
