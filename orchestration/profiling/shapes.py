"""Reads the shape of a value (its digits as 9, its letters as a): what kind of value it is, and in which format."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from enum import StrEnum

from models.file_terms import ISO_FORMAT
from models.synonyms import load_synonyms
from orchestration.ingest.mapping.month_names import NAMES, RUSSIAN
from orchestration.ingest.mapping.numbers import NumberFormat


class Kind(StrEnum):
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    TEXT = "text"


# May is written out, and no shorter.
_SHORT = {word for words in RUSSIAN for word in words.split()[2:]} | {name.lower() for name in calendar.month_abbr} - {
    "",
    "may",
}
MONTH_NAMES = "|".join(
    sorted({*NAMES, *(name.lower() for name in calendar.month_name if name), *_SHORT}, key=len)[::-1]
)
# A month in words has a day or a year behind it; without a digit it is a word.
_IN_WORDS = f"(?i)(^|[0-9 ./-])({MONTH_NAMES})([ .,/-]+[0-9])"
_DIGITS = "[0-9][0-9\\s\\x{00A0}\\x{202F}.,'']*"


def shape_sql(text: str) -> str:
    """SQL of the shape of `text`: each digit is a 9, runs of letters are one `a`, a month in words is an @, and an & if
    it is cut short. Words that may stand beside a number are none of its shape."""
    number = NumberFormat(words=tuple(load_synonyms().number_words)).bare(text)
    text = f"(case when regexp_full_match({number}, '[-+(]*{_DIGITS}[)-]*') then {number} else {text} end)"
    short = ", ".join(f"'{name}'" for name in sorted(_SHORT))
    is_short = f"lower(regexp_extract({text}, '{_IN_WORDS}', 2)) in ({short})"
    text = f"regexp_replace({text}, '{_IN_WORDS}', case when {is_short} then '\\1&\\3' else '\\1@\\3' end)"
    return f"regexp_replace(regexp_replace({text}, '\\p{{L}}+', 'a', 'g'), '[0-9]', '9', 'g')"


def words_beside(text: str) -> tuple[str, str]:
    """SQL of the known word before the digits of a number, and of the one behind them; empty if there is none."""
    words = sorted(load_synonyms().number_words, key=len, reverse=True)
    known = "|".join(re.escape(word).replace("'", "''") for word in words)
    pattern = f"'(?i)^[-+(]?\\s*({known})?\\s*[-+(]?{_DIGITS}?({known})?[)-]?$'"
    return f"regexp_extract({text}, {pattern}, 1)", f"regexp_extract({text}, {pattern}, 2)"


_DATE = re.compile(r"9{1,2}(?P<mark>[./-])9{1,2}(?P=mark)(?P<year>9999|99)")
_YEAR_FIRST = re.compile(r"9999(?P<mark>[./-])99(?P=mark)99")
# 5 марта 2026 г., 5-мар-26; March 5, 2026
_DAY_AND_WORD = re.compile(
    r"9{1,2}(?P<mark>[ ./-])(?P<month>[@&])(?P<stop>\.?)(?P<other>[ ./-])(?P<year>9999|99)(?P<tail> ?a\.)?"
)
_WORD_AND_DAY = re.compile(r"(?P<month>[@&])(?P<stop>\.?) 9{1,2}(?P<comma>,?) 9999")
_TIME = re.compile(r"9{1,2}:99(?P<seconds>:99)?(?P<fraction>\.9{1,6})?(?P<noon> ?a)?")
_ISO = re.compile(
    r"9999-99-99[Ta]99:99(:99(\.9{1,6})?)?(a|[+-]99:?99)?|9999-99-99 99:99(:99(\.9{1,6})?)?(a|[+-]99:?99)"
)
_WHOLE = re.compile(r"[+-]?\(?9+\)?-?")
_GROUPED = re.compile(
    r"[+-]?\(?9{1,3}(?P<mark>[ \u00a0\u202f,.'])999(?:(?P=mark)999)*(?:(?P<decimal>[.,])9{1,10})?\)?-?"
)
_DECIMAL = re.compile(r"[+-]?\(?9+(?P<decimal>[.,])9{1,10}\)?-?")
_MONTHS = {"@": "%B", "&": "%b"}


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
    if form := _date_format(shape):
        return Reading(Kind.DATE, form)
    moment = re.fullmatch(r"(?P<day>.+?)(?P<between>,? )(?P<clock>9{1,2}:.+)", shape)
    if moment and (form := _date_format(moment["day"])) and (time := _TIME.fullmatch(moment["clock"])):
        return Reading(Kind.TIMESTAMP, f"{form}{moment['between']}{_time_format(time)}")
    return _read_number(shape)


def _date_format(shape: str) -> str | None:
    if found := _YEAR_FIRST.fullmatch(shape):
        mark = found["mark"]
        return f"%Y{mark}%m{mark}%d"
    if found := _DATE.fullmatch(shape):
        year = "%Y" if found["year"] == "9999" else "%y"
        return f"{{order:{found['mark']}}}{found['mark']}{year}"
    if found := _DAY_AND_WORD.fullmatch(shape):
        year = "%Y" if found["year"] == "9999" else "%y"
        # The one word that stands behind a year.
        tail = found["tail"].replace("a", "г") if found["tail"] else ""
        return f"%d{found['mark']}{_MONTHS[found['month']]}{found['stop']}{found['other']}{year}{tail}"
    if found := _WORD_AND_DAY.fullmatch(shape):
        return f"{_MONTHS[found['month']]}{found['stop']} %d{found['comma']} %Y"
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
