"""The words of an alert: which file and row, what to do; few lines, nothing personal."""

from __future__ import annotations

from datetime import date

from orchestration.alerts.message import MOST_LINES, failure_alert
from orchestration.ingest.refusal import FileProblem

DAY = date(2026, 6, 30)


def _problem(row: int | None = 7, reason: str = "the header lacks 'Сумма'") -> FileProblem:
    return FileProblem("demo_mis", DAY, "payments", "2026-06-30/payments.csv", reason, "Name it in the profile", row)


def test_it_names_source_day_entity_file_row_what_and_what_to_do() -> None:
    assert str(_problem()).startswith("demo_mis 2026-06-30 payments (2026-06-30/payments.csv, row 7): the header lacks")
    alert = failure_alert("demo_mis 2026-06-30", [_problem()], ["unused"], "Run 1a2b: http://x/runs/1a2b")
    assert alert.text.splitlines() == [
        "Triune: demo_mis 2026-06-30 was not published",
        f"• {_problem()}",
        "What was published before is unchanged. Run 1a2b: http://x/runs/1a2b",
    ]


def test_a_failure_that_no_file_is_to_blame_for_is_told_by_its_messages() -> None:
    alert = failure_alert("demo_mis 2026-06-30", [], ["dbt a: failed\ndbt b: failed", "step c: broke"], "")
    assert alert.lines[:3] == ("• dbt a: failed", "• dbt b: failed", "• step c: broke")


def test_many_problems_are_counted_not_listed() -> None:
    alert = failure_alert("x", [_problem(row) for row in range(MOST_LINES + 5)], [], "")
    assert len(alert.lines) == MOST_LINES + 2
    assert alert.lines[-2] == "… and 5 more"


def test_a_long_line_is_cut() -> None:
    assert len(failure_alert("x", [], ["y" * 5000], "").text) < 700


def test_what_looks_personal_is_hidden_whatever_it_came_by() -> None:
    alert = failure_alert("x", [_problem(reason="not a number: Иванова Анна Петровна, +7 916 123-45-67")], [], "")
    assert "Анна" not in alert.text and "916" not in alert.text
    assert "not a number: (personal data) (personal data)." in alert.text


def test_a_problem_survives_the_event_log() -> None:
    for problem in (_problem(), _problem(None)):
        assert FileProblem.from_json(problem.as_json()) == problem
