"""Reads source profiles (`sources/<source>.yaml`): how one MIS's export maps to the contracts. A new MIS is a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from models.contracts import Contract, load_contracts
from models.source_terms import SIGNED_TYPES, Arrival, Delivery, EntityMapping, Formats, Term, TextFormat, TimeZoneRule
from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

SOURCES_DIR = Path(__file__).parent / "sources"


class Profile(Term):
    """One source: its habits and its entities."""

    source: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: str
    delivery: Delivery
    arrival: Arrival = Arrival()
    time_zone: TimeZoneRule
    text: TextFormat = TextFormat()
    formats: Formats = Formats()
    booleans: dict[str, list[str]] = Field(default={"true": ["true"], "false": ["false"]})
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
