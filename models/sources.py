"""Reads source profiles (`sources/<source>.yaml`): how one MIS's export maps to the contracts. A new MIS is a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from models.contracts import ColumnType, Contract, load_contracts
from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

SOURCES_DIR = Path(__file__).parent / "sources"


# Types whose sign a mapping may turn.
SIGNED_TYPES = (ColumnType.AMOUNT, ColumnType.QUANTITY)


class _Strict(BaseModel):
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


class TextFormat(_Strict):
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


class Formats(_Strict):
    """strptime formats, tried in order."""

    date: list[str] = ["%Y-%m-%d"]
    timestamp: list[str] = ["%Y-%m-%d %H:%M:%S"]
    time: list[str] = ["%H:%M:%S"]

    @field_validator("*", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class TimeZoneRule(_Strict):
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


class ColumnMapping(_Strict):
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


class EntityMapping(_Strict):
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


class Profile(_Strict):
    """One source: its habits and its entities."""

    source: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: str
    delivery: Delivery
    time_zone: TimeZoneRule
    text: TextFormat = TextFormat()
    formats: Formats = Formats()
    booleans: dict[str, list[str]] = {"true": ["true"], "false": ["false"]}
    entities: dict[str, EntityMapping]

    @field_validator("booleans")
    @classmethod
    def _has_both(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        if set(value) != {"true", "false"} or not all(value.values()):
            raise ValueError('list the words for "true" and for "false"')
        return value

    @field_validator("time_zone", mode="before")
    @classmethod
    def _expand_zone(cls, value: Any) -> Any:
        return {"default": value} if isinstance(value, str) else value

    def provides(self, entity: str, column: str) -> bool:
        """Whether this source delivers the canonical column."""
        return entity in self.entities and column in self.entities[entity].columns


def load_profiles(directory: Path = SOURCES_DIR) -> dict[str, Profile]:
    """Every profile by source name, alphabetical.

    Raises:
        DefinitionError: a profile is not valid or does not fit the contracts.
    """
    return {path.stem: load_profile(path) for path in sorted(directory.glob("*.yaml"))}


def load_profile(path: Path) -> Profile:
    """One profile, checked against the contracts.

    Raises:
        DefinitionError: naming file, line and key of every mistake.
    """
    document = read_document(path)
    profile = validate(document, Profile)
    problems = _contract_mismatches(document, profile, load_contracts())
    if profile.source != path.stem:
        problems.append(
            document.problem(("source",), f"the file is named {path.name}, so the source must be '{path.stem}'")
        )
    if problems:
        raise DefinitionError(problems)
    return profile


def _contract_mismatches(document: Document, profile: Profile, contracts: dict[str, Contract]) -> list[Problem]:
    problems: list[Problem] = []
    for entity, mapping in profile.entities.items():
        contract = contracts.get(entity)
        if contract is None:
            allowed = ", ".join(contracts)
            problems.append(document.problem(("entities", entity), f"there is no such entity; there are: {allowed}"))
            continue
        problems += _column_mismatches(document, entity, mapping, contract)
    return problems


def _column_mismatches(document: Document, entity: str, mapping: EntityMapping, contract: Contract) -> list[Problem]:
    at = ("entities", entity, "columns")
    problems = [
        document.problem((*at, name), f"'{entity}' has no such column; it has: {', '.join(contract.columns)}")
        for name in mapping.columns
        if name not in contract.columns
    ]
    problems += [
        document.problem(at, f"required column '{name}' is not mapped")
        for name, column in contract.columns.items()
        if column.required and name not in mapping.columns
    ]
    problems += [
        document.problem((*at, name), f"'negate_when' turns the sign of a number, and {entity}.{name} is none")
        for name, column in contract.columns.items()
        if name in mapping.columns and mapping.columns[name].negate_when and column.type not in SIGNED_TYPES
    ]
    for name, column_mapping in mapping.columns.items():
        codes = contract.columns[name].codes if name in contract.columns else None
        if codes is None:
            continue
        produced = {
            *(column_mapping.values or {}).values(),
            *([column_mapping.constant] if column_mapping.constant else []),
        }
        problems += [
            document.problem((*at, name), f"'{code}' is not a code of {entity}.{name}; allowed: {', '.join(codes)}")
            for code in sorted(produced - set(codes))
        ]
    return problems
