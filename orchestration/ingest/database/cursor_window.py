"""Which rows of a database belong to an export day, told by a cursor: a column that grows with every change.

A day holds what has changed since the last landed day before it; the first one holds everything. So no row is lost if
days are left out, if the replica lagged behind, or if a nightly job touches yesterday's rows before they are landed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

CursorValue = datetime | date | int

_DEFAULT_LOOKBACK, _DEFAULT_LOOKBACK_NUMBER = timedelta(hours=2), 1000
_A_DAY = timedelta(days=1)


class CursorError(ValueError):
    """The column cannot tell what has changed."""


class CursorKind(StrEnum):
    INSTANT = "instant"  # a moment with an offset
    WALL_CLOCK = "wall_clock"  # a moment without, in the source's time zone
    DATE = "date"
    NUMBER = "number"  # counts changes and knows nothing of days


@dataclass(frozen=True)
class Reach:
    """How far a landed day has got in one entity. `after` is how far the one before it had; `newest` the last value."""

    column: str
    kind: CursorKind
    after: CursorValue | None
    newest: CursorValue | None


@dataclass(frozen=True)
class Landed:
    """Another landed day of the same entity and cursor."""

    day: date
    reach: Reach


@dataclass(frozen=True)
class Window:
    """Rows from `since` (with it) to `until` (without it); None: no bound."""

    since: CursorValue | None
    until: CursorValue | None


def kind_of(value: Any) -> CursorKind:
    """What a value of the cursor column tells.

    Raises:
        CursorError: text and broken numbers do not grow with time.
    """
    if isinstance(value, datetime):
        return CursorKind.INSTANT if value.tzinfo else CursorKind.WALL_CLOCK
    if isinstance(value, date):
        return CursorKind.DATE
    if isinstance(value, Decimal) and value.is_finite() and value == int(value):
        return CursorKind.NUMBER
    if isinstance(value, int) and not isinstance(value, bool):
        return CursorKind.NUMBER
    raise CursorError(f"is neither a time, a date nor a whole number but {type(value).__name__}")


def window_of(
    day: date,
    kind: CursorKind,
    zone: ZoneInfo,
    lookback: int | timedelta | None,
    *,
    before: Landed | None,
    behind: Landed | None,
    is_newest: bool,
) -> Window:
    """The window of `day`. `before` and `behind` are the nearest landed days on either side.

    `is_newest`: no later day can be landed yet, so the window has no end. A row that changes again before it is landed
    would otherwise be missing until the next day.

    Raises:
        CursorError: the lookback is a time and the cursor a number, or the reverse.
    """
    if kind is CursorKind.NUMBER:
        return _window_of_numbers(_lookback_number(lookback), before, behind)
    back = _lookback_time(lookback)
    until = None if is_newest else _midnight(day + _A_DAY, kind, zone)
    if before is None or before.reach.newest is None:
        return Window(None, until)
    # A replica that lagged has shown less than it seems: go on from what was seen.
    since: Any = min(_midnight(before.day + _A_DAY, kind, zone), before.reach.newest)
    # In UTC, because wall-clock arithmetic is wrong by an hour on two days of the year; whole days for a date.
    return Window(since - (_whole_days(back) if kind is CursorKind.DATE else back), until)


def _window_of_numbers(back: int, before: Landed | None, behind: Landed | None) -> Window:
    """A number knows no day: a day takes what the landed days on either side have left."""
    newest = before.reach.newest if before else None
    since = newest + 1 - back if isinstance(newest, int) else None
    taken = behind and (behind.reach.newest if behind.reach.after is None else behind.reach.after)
    return Window(since, taken + 1 if isinstance(taken, int) else None)


def _lookback_number(lookback: int | timedelta | None) -> int:
    if isinstance(lookback, timedelta):
        raise CursorError("is a number, so 'lookback' must be one, too, e.g. 1000")
    return _DEFAULT_LOOKBACK_NUMBER if lookback is None else lookback


def _lookback_time(lookback: int | timedelta | None) -> timedelta:
    if isinstance(lookback, int):
        raise CursorError("tells a time, so 'lookback' must be one, too, e.g. 2 hours")
    return _DEFAULT_LOOKBACK if lookback is None else lookback


def _midnight(day: date, kind: CursorKind, zone: ZoneInfo) -> CursorValue:
    if kind is CursorKind.DATE:
        return day
    midnight = datetime.combine(day, time())
    return midnight.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")) if kind is CursorKind.INSTANT else midnight


def _whole_days(back: timedelta) -> timedelta:
    return timedelta(days=-(-back // _A_DAY))
