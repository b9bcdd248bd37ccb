"""Which rows belong to an export day of a database: nothing is left between two days, whatever is left out or late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestration.ingest.database.cursor_window import (
    CursorError,
    CursorKind,
    CursorValue,
    Landed,
    Reach,
    Window,
    kind_of,
    window_of,
)

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
FRIDAY, MONDAY, TUESDAY = date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 3)
NONE = timedelta(0)


def _landed(day: date, kind: CursorKind, newest: CursorValue | None, after: CursorValue | None = None) -> Landed:
    return Landed(day, Reach("cursor", kind, after, newest))


def _window(day: date, kind: CursorKind, back: int | timedelta | None = NONE, **other: Any) -> Window:
    zone = other.pop("zone", MOSCOW)
    neighbours = {"before": None, "behind": None, "is_newest": False} | other
    return window_of(day, kind, zone, back, **neighbours)


def test_a_day_ends_at_midnight_of_the_sources_zone() -> None:
    assert _window(MONDAY, CursorKind.INSTANT) == Window(None, datetime(2026, 3, 2, 21, tzinfo=UTC))
    assert _window(MONDAY, CursorKind.WALL_CLOCK) == Window(None, datetime(2026, 3, 3))
    assert _window(MONDAY, CursorKind.DATE) == Window(None, TUESDAY)


def test_midnight_is_right_on_the_day_that_lacks_an_hour() -> None:
    assert _window(date(2026, 3, 28), CursorKind.INSTANT, zone=BERLIN).until == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert _window(date(2026, 3, 29), CursorKind.INSTANT, zone=BERLIN).until == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_the_first_day_holds_everything_before_it() -> None:
    assert _window(MONDAY, CursorKind.WALL_CLOCK).since is None


def test_a_day_goes_on_where_the_last_landed_day_ended_also_over_days_that_were_left_out() -> None:
    friday = _landed(FRIDAY, CursorKind.WALL_CLOCK, datetime(2026, 2, 28, 0, 0, 30))
    window = _window(TUESDAY, CursorKind.WALL_CLOCK, before=friday)
    assert window == Window(datetime(2026, 2, 28), datetime(2026, 3, 4))


def test_a_replica_that_lagged_is_asked_again_for_what_it_had_not_shown() -> None:
    monday = _landed(MONDAY, CursorKind.WALL_CLOCK, datetime(2026, 3, 2, 17, 30))
    assert _window(TUESDAY, CursorKind.WALL_CLOCK, before=monday).since == datetime(2026, 3, 2, 17, 30)


def test_a_clock_that_is_ahead_hides_nothing() -> None:
    monday = _landed(MONDAY, CursorKind.WALL_CLOCK, datetime(2099, 1, 1))
    assert _window(TUESDAY, CursorKind.WALL_CLOCK, before=monday).since == datetime(2026, 3, 3)


def test_the_newest_day_has_no_end() -> None:
    """A job of the night may touch yesterday's rows before they are landed."""
    assert _window(MONDAY, CursorKind.INSTANT, is_newest=True) == Window(None, None)


@pytest.mark.parametrize(
    ("kind", "newest", "back", "since"),
    [
        (CursorKind.WALL_CLOCK, datetime(2026, 3, 3), timedelta(minutes=30), datetime(2026, 3, 2, 23, 30)),
        (CursorKind.WALL_CLOCK, datetime(2026, 3, 3), None, datetime(2026, 3, 2, 22)),
        # A date knows no hours: two of them are the whole day before.
        (CursorKind.DATE, TUESDAY, None, MONDAY),
        (CursorKind.DATE, TUESDAY, timedelta(days=3), date(2026, 2, 28)),
        (CursorKind.DATE, TUESDAY, NONE, TUESDAY),
        (CursorKind.NUMBER, 5000, None, 4001),
        (CursorKind.NUMBER, 5000, 0, 5001),
    ],
)
def test_what_commits_late_is_looked_for_a_little_before(
    kind: CursorKind, newest: CursorValue, back: int | timedelta | None, since: CursorValue
) -> None:
    assert _window(TUESDAY, kind, back, before=_landed(MONDAY, kind, newest)).since == since


def test_a_table_that_was_empty_is_read_whole() -> None:
    assert _window(TUESDAY, CursorKind.INSTANT, before=_landed(MONDAY, CursorKind.INSTANT, None)).since is None


def test_numbers_go_on_from_the_day_before_without_an_end() -> None:
    assert _window(TUESDAY, CursorKind.NUMBER, 0, before=_landed(MONDAY, CursorKind.NUMBER, 7)) == Window(8, None)


def test_a_day_landed_again_between_two_others_gets_the_same_numbers() -> None:
    before, behind = _landed(FRIDAY, CursorKind.NUMBER, 7), _landed(TUESDAY, CursorKind.NUMBER, 12, after=10)
    assert _window(MONDAY, CursorKind.NUMBER, 0, before=before, behind=behind) == Window(8, 11)


def test_before_the_first_day_there_are_the_numbers_that_it_took() -> None:
    first = _landed(TUESDAY, CursorKind.NUMBER, 12)
    assert _window(MONDAY, CursorKind.NUMBER, 0, behind=first) == Window(None, 13)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), CursorKind.INSTANT),
        (datetime(2026, 1, 1), CursorKind.WALL_CLOCK),
        (date(2026, 1, 1), CursorKind.DATE),
        (7, CursorKind.NUMBER),
        (Decimal("7.00"), CursorKind.NUMBER),
    ],
)
def test_a_value_tells_what_the_cursor_is(value: Any, kind: CursorKind) -> None:
    assert kind_of(value) is kind


@pytest.mark.parametrize("value", ["2026-01-01", 7.0, True, Decimal("7.5"), Decimal("NaN"), b"7"])
def test_what_does_not_grow_with_time_is_no_cursor(value: Any) -> None:
    with pytest.raises(CursorError, match="is neither a time, a date nor a whole number but "):
        kind_of(value)


@pytest.mark.parametrize(
    ("kind", "back", "message"),
    [(CursorKind.NUMBER, timedelta(hours=1), "is a number, so"), (CursorKind.DATE, 1000, "tells a time, so")],
)
def test_a_lookback_of_another_kind_than_the_cursor_is_refused(
    kind: CursorKind, back: int | timedelta, message: str
) -> None:
    with pytest.raises(CursorError, match=message):
        _window(MONDAY, kind, back)
