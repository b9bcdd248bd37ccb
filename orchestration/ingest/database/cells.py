"""Cells of a database as exact text, in the formats of `models.database_terms`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from models.database_terms import LANDED_BOOLEANS


class UnreadableCellsError(ValueError):
    """A column holds what has no text, e.g. an image."""


def text_array(column: str, cells: Sequence[Any]) -> pa.Array:
    """Cells of one column as text; NULL stays NULL.

    Raises:
        UnreadableCellsError: the column holds bytes.
    """
    writers = {kind: _writer(column, kind) for kind in set(map(type, cells))}
    return pa.array([writers[type(cell)](cell) for cell in cells], pa.string())


def _writer(column: str, kind: type) -> Callable[[Any], str | None]:
    if issubclass(kind, bytes | bytearray | memoryview):
        raise UnreadableCellsError(f"column '{column}' holds bytes")
    return _WRITERS.get(kind, str)


def _moment(value: datetime) -> str:
    return (value.astimezone(UTC) if value.tzinfo else value).isoformat(sep=" ")


def _binary_number(value: float) -> str:
    # 15 digits are what the number was written with; the rest is binary noise (0.1 + 0.2 → 0.30000000000000004).
    return f"{Decimal(f'{value:.15g}'):f}"


def _duration(value: timedelta) -> str:
    """MySQL's TIME is one, from -838 to 838 hours; within a day it is a time of day, and else no type of ours."""
    if timedelta(0) <= value < timedelta(days=1):
        return (datetime.min + value).time().isoformat()
    seconds, sign = abs(value) // timedelta(seconds=1), "-" if value < timedelta(0) else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _as_is(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


_WRITERS: dict[type, Callable[[Any], str | None]] = {
    type(None): _as_is,
    str: _as_is,
    bool: lambda value: LANDED_BOOLEANS["true" if value else "false"],
    # Without an exponent, with every digit: 1E+3 is 1000, 1.50 stays 1.50.
    Decimal: lambda value: f"{value:f}",
    float: _binary_number,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _duration,
    dict: _json,
    list: _json,
}
