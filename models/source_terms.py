"""What a source profile may say of files, formats and columns: typed terms. Reads no file; see `sources`."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from models.contracts import ColumnType

# Types whose sign or unit a mapping may change.
NUMERIC_TYPES = (ColumnType.INTEGER, ColumnType.AMOUNT, ColumnType.QUANTITY)
SIGNED_TYPES = (ColumnType.AMOUNT, ColumnType.QUANTITY)
# Formats that are names rather than strptime patterns.
ISO_FORMAT = "iso8601"
SERIAL_FORMAT = "serial"
# Types that fall on a day.
DATED_TYPES = (ColumnType.DATE, ColumnType.TIMESTAMP)


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
    REPLACE_WINDOW = "replace_window"  # a snapshot of the last days alone


class UnknownColumns(StrEnum):
    WARN = "warn"
    IGNORE = "ignore"
    REFUSE = "refuse"


class FileFormat(StrEnum):
    """What a file holds. Told by its name; a profile says it where the name does not."""

    CSV = "csv"
    TSV = "tsv"
    WORKBOOK = "workbook"
    PARQUET = "parquet"
    JSON = "json"
    NDJSON = "ndjson"

    @property
    def is_table(self) -> bool:
        """Whether it is rows of cells without types."""
        return self in (FileFormat.CSV, FileFormat.TSV, FileFormat.WORKBOOK)

    @property
    def is_typed(self) -> bool:
        """Whether its cells may be numbers and moments rather than text."""
        return self in (FileFormat.WORKBOOK, FileFormat.PARQUET)

    @property
    def has_paths(self) -> bool:
        """Whether its columns are named by JSON paths."""
        return self in (FileFormat.JSON, FileFormat.NDJSON)


_SUFFIXES = {
    ".tsv": FileFormat.TSV,
    ".tab": FileFormat.TSV,
    ".xlsx": FileFormat.WORKBOOK,
    ".xlsm": FileFormat.WORKBOOK,
    ".xls": FileFormat.WORKBOOK,
    ".xlsb": FileFormat.WORKBOOK,
    ".ods": FileFormat.WORKBOOK,
    ".parquet": FileFormat.PARQUET,
    ".json": FileFormat.JSON,
    ".ndjson": FileFormat.NDJSON,
    ".jsonl": FileFormat.NDJSON,
}


def format_of(file_name: str) -> FileFormat:
    """`visits.xlsx` → workbook, `visits.ndjson.gz` → ndjson; what no suffix tells is CSV."""
    name = file_name.lower().removesuffix(".gz")
    return next((found for suffix, found in _SUFFIXES.items() if name.endswith(suffix)), FileFormat.CSV)


class TextFormat(Term):
    """How the source writes tables: of text files everything, of workbooks the rows around the table."""

    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    decimal_mark: str = Field(default=".", min_length=1, max_length=1)
    # Between groups of three digits. Spaces are understood anyway.
    thousands_mark: str | None = Field(default=None, min_length=1, max_length=1)
    # Words and signs beside the digits: ["руб.", "$"]. They mean the clinic's own currency, or the mapping's unit.
    number_words: list[str] = []
    # The line of the header, counted from 1; what stands above it is a title.
    header_row: int = Field(default=1, ge=1)
    # Lines of the header: names of groups stand above those of columns, and each column is called by both.
    header_rows: int = Field(default=1, ge=1, le=9)
    # Names of the columns of a file that has no header.
    names: list[str] = []
    # A line that begins with it is no row.
    comment: str | None = Field(default=None, min_length=1)
    # A row whose first filled cell begins with one of these words is a total of others.
    totals: list[str] = []

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"Python knows no encoding '{value}'; examples: utf-8, cp1251, utf-16") from None
        return value

    @field_validator("totals", "number_words", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return as_list(value)

    @field_validator("number_words")
    @classmethod
    def _are_no_numbers(cls, value: list[str]) -> list[str]:
        for word in value:
            # Without these a word could eat a part of the number itself.
            if any(sign.isdigit() for sign in word) or not word.strip(" .,'()+-"):
                raise ValueError(f"'{word}' may be a part of a number; give words and signs such as 'руб.' and '$'")
        return value

    @model_validator(mode="after")
    def _has_names_or_a_header(self) -> TextFormat:
        if self.names and (self.header_row, self.header_rows) != (1, 1):
            raise ValueError("'names' are those of a file without a header: leave out 'header_row' and 'header_rows'")
        if len({name.casefold() for name in self.names}) < len(self.names):
            raise ValueError("'names' must be different: each is one column")
        return self

    @property
    def last_header_row(self) -> int:
        """The line of the names of columns, or of the last of them; 0 of a file without a header."""
        return 0 if self.names else self.header_row + self.header_rows - 1

    @model_validator(mode="after")
    def _marks_differ(self) -> TextFormat:
        if self.thousands_mark == self.decimal_mark:
            raise ValueError(f"'{self.decimal_mark}' cannot mark both decimals and thousands")
        return self


class Formats(Term):
    """How moments are written: strptime patterns, `iso8601` or `serial` (days since 1899-12-30); tried in order."""

    date: list[str] = ["%Y-%m-%d"]
    timestamp: list[str] = ["%Y-%m-%d %H:%M:%S"]
    time: list[str] = ["%H:%M:%S"]

    @field_validator("*", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return as_list(value)


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

    @property
    def value_map(self) -> dict[str, str] | None:
        """The value map; a vocabulary's name has been replaced by it when the profile was read."""
        return self.values if isinstance(self.values, dict) else None


class TableTerms(Term):
    """How a file holds a table. What is not said here of text and formats is as the profile says."""

    format: FileFormat | None = None
    sheet: str | None = None
    # Where the rows of a JSON document stand: `$.entry[*].resource`.
    rows: str | None = None
    # A row for each element that this path finds in a document: `$.lineItem[*]`. `@…` is a path from the element,
    # `@@…` one from the element around it, if the path runs through several lists.
    each: str | None = None
    text: TextFormat = TextFormat()
    formats: Formats = Formats()


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
    lookups: dict[str, Lookup] = {}
    unpivot: Unpivot | None = None
    # Columns whose empty cells mean what stands above them. Or a column to be made so: its name, and SQL over the row
    # that gives what goes on from there, NULL where nothing new begins.
    fill_down: dict[str, str] = {}
    # SQL condition of the rows that are this entity.
    where: str | None = None
    distinct: bool = False
    ignore: list[str] = []
    # Files that are written otherwise than each other; each says what is its own, the entity what they share.
    parts: list[EntityPart] = []
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


def as_list(value: Any) -> Any:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value
