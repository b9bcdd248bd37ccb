"""What a source profile may say of how its files are written: formats, text, moments. Typed terms; reads no file."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# Formats that are names rather than strptime patterns.
ISO_FORMAT = "iso8601"
SERIAL_FORMAT = "serial"


class Term(BaseModel):
    """A part of a profile: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


def as_list(value: Any) -> Any:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value
