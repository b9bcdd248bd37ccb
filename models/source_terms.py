"""What a source profile may say of files, formats and columns: typed terms. Reads no file; see `sources`."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from models.contracts import ColumnType

# Types whose sign a mapping may turn.
SIGNED_TYPES = (ColumnType.AMOUNT, ColumnType.QUANTITY)


class Term(BaseModel):
    """A part of a profile: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Delivery(StrEnum):
    DAILY = "daily"  # a day without an export is an error
    OCCASIONAL = "occasional"  # exports come when they come


class Mode(StrEnum):
    FULL = "full"  # a snapshot of everything that exists
    DELTA = "delta"  # rows created or changed since the last export


class UnknownColumns(StrEnum):
    WARN = "warn"
    IGNORE = "ignore"
    REFUSE = "refuse"


class TextFormat(Term):
    """How the source writes text files."""

    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    decimal_mark: str = Field(default=".", min_length=1, max_length=1)

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"Python knows no encoding '{value}'; examples: utf-8, cp1251, utf-16") from None
        return value


class Formats(Term):
    """strptime formats, tried in order."""

    date: list[str] = ["%Y-%m-%d"]
    timestamp: list[str] = ["%Y-%m-%d %H:%M:%S"]
    time: list[str] = ["%H:%M:%S"]

    @field_validator("*", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class TimeZoneRule(Term):
    """IANA zone of the source's wall-clock times; where clinics differ, the canonical `column` decides."""

    default: str
    column: str | None = None
    values: dict[str, str] = {}

    @model_validator(mode="after")
    def _exist(self) -> TimeZoneRule:
        for name in (self.default, *self.values.values()):
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise ValueError(f"there is no time zone '{name}'; an example: Europe/Moscow") from None
        return self


class ColumnMapping(Term):
    """Where one canonical column comes from: exactly one of `from`, `sql` and `constant`."""

    source_column: str | None = Field(default=None, alias="from")
    sql: str | None = None
    constant: str | None = None
    format: list[str] | None = None
    values: dict[str, str] | None = None
    negate_when: str | None = None

    @field_validator("format", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_one_origin(self) -> ColumnMapping:
        if sum(origin is not None for origin in (self.source_column, self.sql, self.constant)) != 1:
            raise ValueError("give exactly one of 'from', 'sql' and 'constant'")
        return self


def _read_lookback(value: Any) -> int | timedelta:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    spelt = re.fullmatch(r"(\d+) (minute|hour|day)s?", str(value))
    if spelt is None:
        raise ValueError("write it as '30 minutes', '2 hours' or '1 day'; of a cursor that counts, as a number: 1000")
    return timedelta(**{f"{spelt[2]}s": int(spelt[1])})


# How far behind the last landed day a database is asked again: a time, or so many numbers of a cursor that counts.
Lookback = Annotated[int | timedelta, BeforeValidator(_read_lookback)]


class EntityMapping(Term):
    """How one file of the export, or one table or query of a database, becomes one canonical entity."""

    file: str | None = None
    table: str | None = None
    query: str | None = None
    cursor: str | None = None
    lookback: Lookback | None = None
    mode: Mode
    required: bool = True
    distinct: bool = False
    where: str | None = None
    sheet: str | None = None
    ignore: list[str] = []
    unknown_columns: UnknownColumns = UnknownColumns.WARN
    columns: dict[str, ColumnMapping]

    @field_validator("columns", mode="before")
    @classmethod
    def _expand_renames(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: {"from": mapping} if isinstance(mapping, str) else mapping for name, mapping in value.items()}
