"""Periods as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from orchestration.bridging.periods import Period, PeriodError, parse_period


@pytest.mark.parametrize(
    ("text", "kind", "start"),
    [
        ("2026", "year", date(2026, 1, 1)),
        ("2026-Q4", "quarter", date(2026, 10, 1)),
        ("2026-03", "month", date(2026, 3, 1)),
        ("2026-W01", "week", date(2025, 12, 29)),  # the week that holds the first Thursday
        ("2026-03-05", "day", date(2026, 3, 5)),
    ],
)
def test_a_period_is_told_by_its_form_and_written_the_same_way(text: str, kind: str, start: date) -> None:
    assert parse_period(text) == Period(kind, start)
    assert str(parse_period(text)) == text


@pytest.mark.parametrize("text", ["", "03.2026", "2026-3", "2026-Q5", "2026-W54", "2026-02-30", "20260305"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(PeriodError):
        parse_period(text)
