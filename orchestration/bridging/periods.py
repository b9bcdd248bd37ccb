"""Periods as they are written on the command line: 2026, 2026-Q1, 2026-03, 2026-W10, 2026-03-05."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_FORMS = {
    "year": re.compile(r"(\d{4})$"),
    "quarter": re.compile(r"(\d{4})-?[Qq]([1-4])$"),
    "month": re.compile(r"(\d{4})-(\d{2})$"),
    "week": re.compile(r"(\d{4})-?[Ww](\d{2})$"),
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})$"),
}


class PeriodError(ValueError):
    """A text is no period."""


@dataclass(frozen=True)
class Period:
    kind: str
    start: date

    def __str__(self) -> str:
        if self.kind == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return self.start.strftime({"year": "%Y", "month": "%Y-%m", "week": "%G-W%V"}.get(self.kind, "%Y-%m-%d"))


def parse_period(text: str) -> Period:
    """Raises PeriodError."""
    for kind, form in _FORMS.items():
        if match := form.match(text.strip()):
            try:
                return Period(kind, _start(kind, [int(part) for part in match.groups()]))
            except ValueError:
                raise PeriodError(f"there is no {kind} {text.strip()}") from None
    raise PeriodError(f"'{text}' is no period; write 2026, 2026-Q1, 2026-03, 2026-W10 or 2026-03-05")


def _start(kind: str, numbers: list[int]) -> date:
    if kind == "week":
        return date.fromisocalendar(numbers[0], numbers[1], 1)
    if kind == "quarter":
        return date(numbers[0], numbers[1] * 3 - 2, 1)
    year, month, day = [*numbers, 1, 1][:3]
    return date(year, month, day)
