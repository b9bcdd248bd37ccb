"""What a source profile may say of files, formats and columns: typed terms. Reads no file; see `sources`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from models.contracts import ColumnType

# Types whose sign a mapping may turn.
SIGNED_TYPES = (ColumnType.AMOUNT, ColumnType.QUANTITY)


class Term(BaseModel):
    """A part of a profile: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Delivery(StrEnum):
    DAILY = "daily"  # a day without an export is an error
    OCCASIONAL = "occasional"  # exports come when they come


class Arrival(Term):
    """How a day's export shows that it is complete.

    Without a marker it is complete once every required file is there and nothing has changed between two looks.
    The marker is a file that the uploader writes into the day's folder last, e.g. `_SUCCESS`; its content is ignored.
    """

    complete: Literal["size_stable"] = "size_stable"
    marker: str | None = Field(default=None, pattern=r"^[^/\\!]+$")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Arrival:
        if self.marker and "complete" in self.model_fields_set:
            raise ValueError("give either 'complete: size_stable' or 'marker'")
        return self


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


class EntityMapping(Term):
    """How one file of the export becomes one canonical entity."""

    file: str
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
