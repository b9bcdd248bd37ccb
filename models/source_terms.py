"""What a source profile may say of deliveries, columns and entities: typed terms. Reads no file; see `sources`."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from models.contracts import ColumnType
from models.file_terms import TableTerms, Term, as_list

# Types whose sign or unit a mapping may change.
NUMERIC_TYPES = (ColumnType.INTEGER, ColumnType.AMOUNT, ColumnType.QUANTITY)
SIGNED_TYPES = (ColumnType.AMOUNT, ColumnType.QUANTITY)
# Types that fall on a day.
DATED_TYPES = (ColumnType.DATE, ColumnType.TIMESTAMP)


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
    REPLACE_WINDOW = "replace_window"  # a snapshot of the last days alone


class UnknownColumns(StrEnum):
    WARN = "warn"
    IGNORE = "ignore"
    REFUSE = "refuse"


class TimeZoneRule(Term):
    """IANA zone of the source's wall-clock times; where clinics differ, the canonical `column` decides."""

    default: str
    column: str | None = None
    values: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _exist(self) -> TimeZoneRule:
        for name in (self.default, *self.values.values()):
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise ValueError(f"there is no time zone '{name}'; an example: Europe/Moscow") from None
        return self


class Unit(StrEnum):
    """Unit in which the source writes a number, where it is not the contract's own."""

    KOPECKS = "kopecks"
    CENTS = "cents"
    THOUSANDS = "thousands"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    PERCENT = "percent"


# Ending of a canonical column → units it can be told in, as (multiply by, divide by).
_CONVERSIONS: dict[str, dict[Unit, tuple[int, int]]] = {
    "_amount": {Unit.KOPECKS: (1, 100), Unit.CENTS: (1, 100), Unit.THOUSANDS: (1000, 1)},
    "_minutes": {Unit.SECONDS: (1, 60), Unit.MINUTES: (1, 1), Unit.HOURS: (60, 1), Unit.DAYS: (1440, 1)},
    "_hours": {Unit.SECONDS: (1, 3600), Unit.MINUTES: (1, 60), Unit.HOURS: (1, 1), Unit.DAYS: (24, 1)},
    "_share": {Unit.PERCENT: (1, 100)},
    "_rate": {Unit.PERCENT: (1, 100)},
}


def conversions(column: str) -> dict[Unit, tuple[int, int]]:
    """Units that the canonical `column` can be told in, each with its exact factor (numerator, denominator)."""
    return next((units for ending, units in _CONVERSIONS.items() if column.endswith(ending)), {})


class ColumnMapping(Term):
    """Where one canonical column comes from: exactly one of `from`, `sql`, `constant` and `hash`."""

    # A header of the file, or a JSON path.
    source_column: str | None = Field(default=None, alias="from")
    # DuckDB SQL over the row's columns, in double quotes; number("…") reads one by the decimal mark.
    sql: str | None = None
    constant: str | None = None
    # Columns of which a key is made.
    hash: list[str] | None = Field(default=None, min_length=1)
    # The part of the text to take: a regular expression with one group. Of several values the first that fits.
    match: str | None = None
    # How this column's moments are written, where not as `formats` says.
    format: list[str] | None = None
    # Text of the source → canonical text; or the name of one of the profile's vocabularies.
    values: dict[str, str] | str | None = None
    # What a value that the map lacks becomes; without it such a row goes to quarantine.
    otherwise: str | None = None
    unit: Unit | None = None
    # SQL condition of rows whose number is turned: refunds that are written without a sign.
    negate_when: str | None = None

    @field_validator("format", "hash", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return as_list(value)

    @model_validator(mode="after")
    def _has_one_origin(self) -> ColumnMapping:
        origins = (self.source_column, self.sql, self.constant, self.hash)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("give exactly one of 'from', 'sql', 'constant' and 'hash'")
        if self.otherwise is not None and self.values is None:
            raise ValueError("'otherwise' completes 'values': give both")
        return self

    def may_say(self, code: str) -> bool:
        """Whether a code can come out: where words are translated, only if one is translated to it."""
        if self.constant is not None:
            return self.constant == code
        return self.value_map is None or code in (*self.value_map.values(), self.otherwise)

    @property
    def value_map(self) -> dict[str, str] | None:
        """The value map; a vocabulary's name has been replaced by it when the profile was read."""
        return self.values if isinstance(self.values, dict) else None


class Lookup(TableTerms):
    """Another file of the same export, joined to the rows; its columns are named `<lookup>.<column>`.

    `by` pairs a column of the rows with the column of the look-up that must be equal to it; with `match` only the part
    that its one group finds is compared, on both sides.
    """

    file: str
    by: dict[str, str] = Field(min_length=1)
    match: str | None = None
    # SQL condition of the look-up's rows that count, over its own columns.
    where: str | None = None
    # Whether the file must be there, and every row whose key is filled must be found in it.
    required: bool = True


class Unpivot(Term):
    """Columns that are values: each filled cell of `columns` becomes a row, with its column's `name` and `value`.

    `columns` lists headers, or maps a header to the text that stands for it.
    """

    columns: dict[str, str] = Field(min_length=1)
    name: str
    value: str

    @field_validator("columns", mode="before")
    @classmethod
    def _as_mapping(cls, value: Any) -> Any:
        return {name: name for name in value} if isinstance(value, list) else value


class Window(Term):
    """The export of day D holds every row whose `column` falls on a local day from D − `days` to D."""

    column: str
    days: int = Field(ge=0)


def _read_lookback(value: Any) -> int | timedelta:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    spelt = re.fullmatch(r"(\d+) (minute|hour|day)s?", str(value))
    if spelt is None:
        raise ValueError("write it as '30 minutes', '2 hours' or '1 day'; of a cursor that counts, as a number: 1000")
    return timedelta(**{f"{spelt[2]}s": int(spelt[1])})


# How far behind the last landed day a database is asked again: a time, or so many numbers of a cursor that counts.
Lookback = Annotated[int | timedelta, BeforeValidator(_read_lookback)]


class EntityPart(Term):
    """Some of an entity's files: what is said of them otherwise, merged into the entity; null takes a key away."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _leaves_the_mode_alone(cls, value: Any) -> Any:
        if isinstance(value, dict) and (own := [key for key in ("mode", "window", "parts") if key in value]):
            raise ValueError(f"'{own[0]}' is the entity's, and one for all of its parts")
        return value


class EntityMapping(TableTerms):
    """How files of the export, or one table or query of a database, become one canonical entity."""

    # A name, or several; each may hold wildcards, and a member inside an archive: `export.zip!visits_*.csv`.
    files: list[str] = Field(default_factory=list, alias="file")
    table: str | None = None
    query: str | None = None
    cursor: str | None = None
    lookback: Lookback | None = None
    mode: Mode
    window: Window | None = None
    deleted_when: str | None = None
    required: bool = True
    # Other files of the export, joined to the rows.
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    unpivot: Unpivot | None = None
    # Columns whose empty cells mean what stands above them. Or a column to be made so: its name, and SQL over the row
    # that gives what goes on from there, NULL where nothing new begins.
    fill_down: dict[str, str] = Field(default_factory=dict)
    # SQL condition of the rows that are this entity.
    where: str | None = None
    distinct: bool = False
    ignore: list[str] = Field(default_factory=list)
    # Files that are written otherwise than each other; each says what is its own, the entity what they share.
    parts: list[EntityPart] = Field(default_factory=list)
    # What a header that is neither mapped nor ignored does.
    unknown_columns: UnknownColumns = UnknownColumns.WARN
    columns: dict[str, ColumnMapping]

    @field_validator("files", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return as_list(value)

    @field_validator("fill_down", mode="before")
    @classmethod
    def _as_expressions(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return {name: '"' + str(name).replace('"', '""') + '"' for name in value}

    @field_validator("columns", mode="before")
    @classmethod
    def _expand_renames(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: {"from": mapping} if isinstance(mapping, str) else mapping for name, mapping in value.items()}

    @model_validator(mode="after")
    def _has_a_window_if_it_replaces_one(self) -> EntityMapping:
        if (self.mode is Mode.REPLACE_WINDOW) != (self.window is not None):
            raise ValueError("'mode: replace_window' and 'window: {column: …, days: …}' go together")
        return self
