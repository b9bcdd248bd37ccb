"""Calendar rules: what a profile declares where the MIS exports no opening hours or no shifts. Figures say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator, model_validator

from models.file_terms import Term, as_list

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
RESOURCE_HOURS, SHIFTS, APPOINTMENTS = "resource_hours", "shifts", "appointments"
# Of a shift that is made of appointments: each column, and those of an appointment of which any will do.
_SHIFT_ORIGINS = {
    "shift_id": ("appointment_id",),
    "clinic_id": ("clinic_id",),
    "employee_id": ("employee_id",),
    "resource_id": ("resource_id",),
    "starts_at": ("planned_start_at",),
    "ends_at": ("ended_at", "planned_end_at"),
}


class OpeningRule(Term):
    """When resources are open for which the export has no hours of their own.

    `weekdays` are `Mon-Fri`, `Sat`, or a list of such. Without `kinds` or `clinics` the rule holds for all of them.
    """

    weekdays: list[int] = Field(min_length=1)
    opens_at: str = Field(pattern=_CLOCK)
    closes_at: str = Field(pattern=_CLOCK)
    kinds: list[str] = Field(default_factory=list)
    clinics: list[str] = Field(default_factory=list)

    @field_validator("weekdays", mode="before")
    @classmethod
    def _as_numbers(cls, value: Any) -> Any:
        spans = as_list(value)
        return sorted({day for span in spans for day in _span(str(span))}) if isinstance(spans, list) else value

    @field_validator("kinds", "clinics", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return as_list(value)

    @field_validator("opens_at", "closes_at", mode="before")
    @classmethod
    def _is_quoted(cls, value: Any) -> Any:
        # YAML reads 18:00 as the number 1080.
        if isinstance(value, int):
            raise ValueError('write the time in quotes, e.g. "18:00"')
        return value

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> OpeningRule:
        if self.closes_at <= self.opens_at:
            raise ValueError(f"it closes at {self.closes_at}, not after it opens at {self.opens_at}")
        return self

    def __str__(self) -> str:
        """`room open Mon–Fri 08:00–18:00 in K1`: what figures that rest on the rule are published with."""
        where = f" in {', '.join(self.clinics)}" if self.clinics else ""
        what = ", ".join(self.kinds) or "every resource"
        return f"{what} open {_spelled(self.weekdays)} {self.opens_at}–{self.closes_at}{where}"


class ShiftRule(StrEnum):
    """Where shifts come from that nobody publishes."""

    FROM_APPOINTMENTS = "from_appointments"

    @property
    def description(self) -> str:
        return "a shift lasts from an employee's first appointment on a resource and day to the last"


class Calendar(Term):
    """What a source's profile declares of the calendar."""

    resource_hours: list[OpeningRule] = Field(default_factory=list)
    shifts: ShiftRule | None = None

    def stands_in_for(self, entity: str, column: str) -> tuple[str, ...] | None:
        """Columns of appointments of which one is enough for a rule to fill the column; empty if it needs none.

        None: no rule fills it.
        """
        if entity == RESOURCE_HOURS and self.resource_hours:
            return ()
        return _SHIFT_ORIGINS.get(column) if entity == SHIFTS and self.shifts else None


@dataclass(frozen=True)
class CalendarSpan:
    """A calendar, the local days on which it holds, and the one clinic that it is for (None: all)."""

    calendar: Calendar
    clinic: str | None
    valid_from: date
    valid_to: date


def _span(text: str) -> list[int]:
    """`Mon-Fri` → 1 … 5, `Sat` → 6."""
    first, _, last = text.partition("-")
    try:
        begin, end = (_WEEKDAYS.index(day.strip().capitalize()[:3]) for day in (first, last or first))
    except ValueError:
        raise ValueError(f"'{text}' is no weekday or span of them; an example: Mon-Fri") from None
    if end < begin:
        raise ValueError(f"'{text}' runs backwards; list the two parts: [{first}-Sun, Mon-{last}]")
    return list(range(begin + 1, end + 2))


def _spelled(weekdays: list[int]) -> str:
    names = [_WEEKDAYS[day - 1] for day in weekdays]
    is_span = len(weekdays) > 1 and weekdays == list(range(weekdays[0], weekdays[-1] + 1))
    return f"{names[0]}–{names[-1]}" if is_span else ", ".join(names)
