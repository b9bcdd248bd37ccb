"""Reads the shape of a value (its digits as 9, its letters as a): what kind of value it is, and in which format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from models.source_terms import ISO_FORMAT


class Kind(StrEnum):
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    TEXT = "text"


# In a shape runs of letters are one `a`; of digits each is a 9.
SHAPE_SQL = "regexp_replace(regexp_replace({text}, '\\p{{L}}+', 'a', 'g'), '[0-9]', '9', 'g')"

_DATE = re.compile(r"9{1,2}(?P<mark>[./-])9{1,2}(?P=mark)(?P<year>9999|99)")
_YEAR_FIRST = re.compile(r"9999(?P<mark>[./-])99(?P=mark)99")
_TIME = re.compile(r"9{1,2}:99(?P<seconds>:99)?(?P<fraction>\.9{1,6})?(?P<noon> ?a)?")
_ISO = re.compile(
    r"9999-99-99[Ta]99:99(:99(\.9{1,6})?)?(a|[+-]99:?99)?|9999-99-99 99:99(:99(\.9{1,6})?)?(a|[+-]99:?99)"
)
_WHOLE = re.compile(r"[+-]?\(?9+\)?-?")
_GROUPED = re.compile(r"[+-]?9{1,3}(?P<mark>[ \u00a0\u202f,.'])999(?:(?P=mark)999)*(?:(?P<decimal>[.,])9{1,10})?")
_DECIMAL = re.compile(r"[+-]?\(?9+(?P<decimal>[.,])9{1,10}\)?-?")


@dataclass(frozen=True)
class Reading:
    """What a shape says. Of dates `format` has `{order}` where the order of day and month is not told by the shape."""

    kind: Kind
    format: str | None = None
    decimal_mark: str | None = None
    thousands_mark: str | None = None
    is_grouped_alone: bool = False


def read_shape(shape: str) -> Reading:
    """The kind of value that has this shape."""
    if _ISO.fullmatch(shape):
        return Reading(Kind.TIMESTAMP, ISO_FORMAT)
    if time := _TIME.fullmatch(shape):
        return Reading(Kind.TIME, _time_format(time))
    day, separator, clock = shape.partition(" ")
    if form := _date_format(day):
        if not separator:
            return Reading(Kind.DATE, form)
        if time := _TIME.fullmatch(clock):
            return Reading(Kind.TIMESTAMP, f"{form} {_time_format(time)}")
    return _read_number(shape)


def _date_format(shape: str) -> str | None:
    if found := _YEAR_FIRST.fullmatch(shape):
        mark = found["mark"]
        return f"%Y{mark}%m{mark}%d"
    if found := _DATE.fullmatch(shape):
        year = "%Y" if found["year"] == "9999" else "%y"
        return f"{{order:{found['mark']}}}{found['mark']}{year}"
    return None


def _time_format(found: re.Match[str]) -> str:
    hours = "%I" if found["noon"] else "%H"
    return f"{hours}:%M{':%S' if found['seconds'] else ''}{'.%f' if found['fraction'] else ''}" + (
        found["noon"].replace("a", "%p") if found["noon"] else ""
    )


def _read_number(shape: str) -> Reading:
    if _WHOLE.fullmatch(shape):
        return Reading(Kind.WHOLE)
    if grouped := _GROUPED.fullmatch(shape):
        mark, decimal = grouped["mark"], grouped["decimal"]
        if mark in ",." and decimal is None and shape.count(mark) == 1:
            # 1,234 may be either; the rest of the export tells.
            return Reading(Kind.DECIMAL, decimal_mark=mark, is_grouped_alone=True)
        if mark != decimal:
            return Reading(Kind.DECIMAL if decimal else Kind.WHOLE, decimal_mark=decimal, thousands_mark=mark)
    if decimal := _DECIMAL.fullmatch(shape):
        return Reading(Kind.DECIMAL, decimal_mark=decimal["decimal"])
    return Reading(Kind.TEXT)


def with_order(form: str, *, month_first: bool) -> str:
    """A format with the order of day and month decided."""
    return re.sub(
        r"\{order:(.)\}", lambda found: (r"%m{}%d" if month_first else r"%d{}%m").format(found.group(1)), form
    )


def leaves_order_open(form: str) -> bool:
    return "{order:" in form
