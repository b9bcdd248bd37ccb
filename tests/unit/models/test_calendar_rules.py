"""Calendar rules of a profile: how they are written, what they say of themselves, what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.calendar_rules import Calendar, OpeningRule

_RULE = {"weekdays": "Mon-Fri", "opens_at": "08:00", "closes_at": "18:00"}


@pytest.mark.parametrize(
    ("weekdays", "numbers", "spelled"),
    [
        ("Mon-Fri", [1, 2, 3, 4, 5], "Mon–Fri"),
        ("Sat", [6], "Sat"),
        (["Mon", "Wed-Thu"], [1, 3, 4], "Mon, Wed, Thu"),
        (["sun", "SATURDAY"], [6, 7], "Sat–Sun"),
    ],
)
def test_weekdays_are_days_or_spans_of_them(weekdays: object, numbers: list[int], spelled: str) -> None:
    rule = OpeningRule.model_validate(_RULE | {"weekdays": weekdays})
    assert rule.weekdays == numbers
    assert str(rule) == f"every resource open {spelled} 08:00–18:00"


def test_a_rule_says_which_resources_and_clinics_it_holds_for() -> None:
    rule = OpeningRule.model_validate(_RULE | {"kinds": ["room", "chair"], "clinics": "K1"})
    assert str(rule) == "room, chair open Mon–Fri 08:00–18:00 in K1"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"weekdays": "Пн-Пт"}, "is no weekday or span of them; an example: Mon-Fri"),
        ({"weekdays": "Fri-Mon"}, r"runs backwards; list the two parts: \[Fri-Sun, Mon-Mon\]"),
        ({"weekdays": []}, "at least 1 item"),
        ({"closes_at": 1080}, 'write the time in quotes, e.g. "18:00"'),
        ({"closes_at": "8:00"}, "should match pattern"),
        ({"closes_at": "07:00"}, "it closes at 07:00, not after it opens at 08:00"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        OpeningRule.model_validate(_RULE | change)


def test_midnight_may_end_a_day_and_shifts_may_follow_the_appointments() -> None:
    calendar = Calendar.model_validate(
        {"resource_hours": [_RULE | {"closes_at": "24:00"}], "shifts": "from_appointments"}
    )
    assert calendar.shifts is not None
    assert "first appointment" in calendar.shifts.description
