"""SQL that reads dates and moments by the profile's formats, and turns wall-clock times into UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from models.file_terms import ISO_FORMAT, SERIAL_FORMAT
from orchestration.ingest.mapping.month_names import in_english
from orchestration.ingest.quoting import text_literal

_ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO_MOMENT = f"{_ISO_DATE}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]{{1,6}})?)?"
_ISO_OFFSET = "(Z|[+-][0-9]{2}(:[0-9]{2})?)"
_END_OF_DAY = "24:00(:00)?"
_SERIAL = "[0-9]{1,6}([.,][0-9]{1,12})?"
# Around a change of the clocks a wall-clock time may be none or two; the calendar library decides there.
_NEAR_A_CHANGE = timedelta(hours=30)
_AROUND = timedelta(days=800)


def local_moment(text: str, formats: list[str]) -> str:
    """Wall-clock TIMESTAMP, or NULL. Formats with an offset are `instant`'s."""
    parts = []
    patterns = [form for form in formats if _is_local_pattern(form)]
    if patterns:
        parsed = _first([_parsed(in_english(text, name), of) for name, of in _by_month_name(patterns).items()])
        # DuckDB alone would take 05.01.26 for the year 26, and words such as "epoch" for 1900-01-01.
        is_word = f"year({parsed}) = 1900 and not regexp_matches({text}, '[0-9]')"
        parts.append(f"case when year({parsed}) >= 1000 and not ({is_word}) then {parsed} end")
    if ISO_FORMAT in formats:
        shape = f"{_ISO_DATE}|{_ISO_MOMENT}"
        parts.append(f"case when regexp_full_match({text}, '{shape}') then try_cast({text} as timestamp) end")
    if SERIAL_FORMAT in formats:
        days = f"cast(try_cast(replace({text}, ',', '.') as decimal(18,10)) as decimal(24,10))"
        seconds = f"cast(round({days} * 86400) as bigint)"
        day_zero = "timestamp '1899-12-30'"
        parts.append(f"case when regexp_full_match({text}, '{_SERIAL}') then {day_zero} + to_seconds({seconds}) end")
    return _first(parts)


def time_of_day(text: str, formats: list[str]) -> str:
    """TIME, or NULL. Hours that end at midnight end at 24:00, which is no moment of any day."""
    midnight = f"when regexp_full_match({text}, '{_END_OF_DAY}') then time '24:00:00'"
    return f"case {midnight} else cast({local_moment(text, formats)} as time) end"


def instant(text: str, formats: list[str]) -> str | None:
    """UTC TIMESTAMP of a text that tells its own offset, or NULL; None if no format does."""
    parts = [
        # DuckDB would take the word "epoch" for a moment.
        f"case when regexp_matches({text}, '[0-9]')"
        f" then cast(timezone('UTC', try_strptime({in_english(text, name)}, {text_literal(form)})) as timestamp) end"
        for name, of in _by_month_name(formats).items()
        for form in of
        if form not in (ISO_FORMAT, SERIAL_FORMAT) and not _is_local_pattern(form)
    ]
    if ISO_FORMAT in formats:
        shape = f"{_ISO_MOMENT}{_ISO_OFFSET}"
        moment = f"timezone('UTC', try_cast({text} as timestamptz))"
        parts.append(f"case when regexp_full_match({text}, '{shape}') then {moment} end")
    return _first(parts) if parts else None


def utc(local: str, zone: str, around: date) -> str:
    """UTC of a wall-clock time in `zone`. `around` is a day near which most of them lie."""
    if zone == "UTC":
        return local
    exact = f"timezone('UTC', timezone({text_literal(zone)}, {local}))"
    # Between two changes of the clocks the offset is one number, and subtracting it is twenty times faster.
    cases = " ".join(
        f"when {local} >= timestamp '{begin}' and {local} < timestamp '{end}' then {local} - to_seconds({offset})"
        for begin, end, offset in _steady_spans(zone, around)
    )
    return f"case {cases} else {exact} end"


@cache
def _steady_spans(zone_name: str, around: date) -> tuple[tuple[datetime, datetime, int], ...]:
    """Spans of wall-clock time with one offset, in seconds, newest first; hours near a change are in none."""
    zone = ZoneInfo(zone_name)
    day = datetime.combine(around, time(), UTC) - _AROUND
    last = day + 2 * _AROUND
    spans: list[tuple[datetime, datetime, int]] = []
    begin, offset = day, _offset(day, zone)
    while day < last:
        day += timedelta(days=1)
        if _offset(day, zone) != offset or day >= last:
            spans.append(
                (_wall_clock(begin, offset) + _NEAR_A_CHANGE, _wall_clock(day, offset) - _NEAR_A_CHANGE, offset)
            )
            begin, offset = day, _offset(day, zone)
    return tuple(reversed(spans))


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _wall_clock(moment: datetime, offset: int) -> datetime:
    return (moment + timedelta(seconds=offset)).replace(tzinfo=None)


def _by_month_name(formats: list[str]) -> dict[str | None, list[str]]:
    """Formats by how they write the month: as the directive `%B`, `%b`, or as a number (None)."""
    found: dict[str | None, list[str]] = {}
    for form in formats:
        found.setdefault(next((name for name in ("%B", "%b") if name in form), None), []).append(form)
    return found


def _parsed(text: str, patterns: list[str]) -> str:
    return f"try_strptime({text}, [{', '.join(text_literal(pattern) for pattern in patterns)}])"


def _is_local_pattern(form: str) -> bool:
    return form not in (ISO_FORMAT, SERIAL_FORMAT) and "%z" not in form


def _first(parts: list[str]) -> str:
    if not parts:
        return "null::timestamp"
    return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"
