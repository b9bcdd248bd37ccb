"""The article's clinic without roster and opening hours: calendar rules stand in, and every figure says so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from article_export import DAY, SOURCE, profile_with_rules, write_article
from homes import Home, NewHome, make_home

from models.calendar_rules import Calendar
from orchestration.cli.report import gather_report

_OPENING = "room open Mon–Fri 09:00–19:00"
_SHIFT = "a shift lasts from an employee's first appointment on a resource and day to the last"


@pytest.fixture(scope="module")
def ruled(new_home: NewHome, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = new_home("ruled", profile_with_rules(tmp_path_factory.mktemp("profile")))
    write_article(home.landing)
    outcome = home.run(SOURCE, DAY)
    assert outcome.succeeded, outcome.messages
    return home


def test_rooms_are_open_by_the_rule_and_doctors_work_from_their_first_appointment_to_the_last(ruled: Home) -> None:
    hours = """
        select room_hours, doctor_hours, sold_hours, doctor_fill_rate, capacity_utilisation
        from mart_utilisation__clinic_day where local_date = ?
    """
    # 8 h in room 1; 4 + 3 in room 2, where a patient stays away; 3 in room 3.
    assert ruled.published(hours, DAY) == [(50, 18, 15, Decimal("0.36"), Decimal("0.3"))]
    rooms = "select resource_id, shift_hours, sold_hours from mart_utilisation__resource_day where shift_hours > 0"
    assert sorted(ruled.published(rooms)) == [("article:1", 8, 8), ("article:2", 7, 4), ("article:3", 3, 3)]


def test_each_row_says_how_much_of_it_is_assumed(ruled: Home) -> None:
    assumed = "select assumed_room_seconds / 3600, assumed_shift_seconds / 3600 from mart_utilisation__clinic_day"
    assert ruled.published(assumed) == [(50, 18)]


def test_every_figure_that_rests_on_a_rule_is_listed_and_no_other(ruled: Home) -> None:
    listed = "select calendar_rule, metric from mart_triune__assumptions where mart = ?"
    found: dict[str, set[str]] = {}
    for rule, metric in ruled.published(listed, "mart_utilisation__clinic_day"):
        found.setdefault(rule, set()).add(metric)
    assert found == {
        _OPENING: {
            *("room_seconds", "room_hours", "assumed_room_seconds", "unstaffed_hours"),
            *("doctor_fill_rate", "capacity_utilisation"),
        },
        _SHIFT: {
            *("shift_seconds", "shift_hours", "assumed_shift_seconds", "doctor_seconds", "doctor_hours"),
            *("overtime_hours", "unstaffed_hours", "unsold_hours", "doctor_fill_rate", "patient_fill_rate"),
        },
    }


def test_the_summary_of_the_run_knows_the_rules(ruled: Home) -> None:
    day = date.fromisoformat(DAY)
    report = gather_report(ruled.workspace, SOURCE, day, day)
    assert {rule for rule, _ in report.assumptions} == {_OPENING, _SHIFT}


def test_without_the_rules_the_figures_are_not_available_again(ruled: Home, tmp_path: Path) -> None:
    profile = profile_with_rules(tmp_path)
    without = profile.model_copy(update={"calendar": Calendar()})
    home = make_home(ruled.path, ruled.workspace.settings.patient_key_file, without)
    assert home.run(SOURCE, DAY).succeeded
    assert home.published("select room_hours, doctor_hours, sold_hours from mart_utilisation__clinic_day") == [
        (None, None, 15)
    ]
    assert home.warehouse("select count(*) from facts.fct_shifts") == [(0,)]
    assert home.published("select count(*) from mart_triune__assumptions") == [(0,)]
