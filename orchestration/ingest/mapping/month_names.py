"""SQL that puts English names of months in the place of Russian ones: DuckDB reads dates in words in English alone."""

from __future__ import annotations

import calendar

from orchestration.ingest.quoting import text_literal

# In the nominative, in the genitive that follows a day, and cut short.
RUSSIAN = (
    "январь января янв",
    "февраль февраля февр фев",
    "март марта мар",
    "апрель апреля апр",
    "май мая",
    "июнь июня июн",
    "июль июля июл",
    "август августа авг",
    "сентябрь сентября сент сен",
    "октябрь октября окт",
    "ноябрь ноября нояб ноя",
    "декабрь декабря дек",
)
# The longest first, or `мар` would be found in `марта`.
NAMES = tuple(sorted((word for words in RUSSIAN for word in words.split()), key=len, reverse=True))


def in_english(text: str, directive: str | None) -> str:
    """`text` with the month as `directive` (`%B`, `%b`) reads it; as it is where the format has no name of a month."""
    if directive is None:
        return text
    names = calendar.month_name if directive == "%B" else calendar.month_abbr
    found = f"regexp_extract({text}, {text_literal('(?i)' + '|'.join(NAMES))})"
    cases = " ".join(
        f"when lower({found}) in ({', '.join(map(text_literal, words.split()))}) then {text_literal(names[number])}"
        for number, words in enumerate(RUSSIAN, 1)
    )
    return f"case when {found} = '' then {text} else replace({text}, {found}, case {cases} end) end"
