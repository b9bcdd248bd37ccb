"""Reads source profiles (`sources/<source>.yaml`): how one MIS's export maps to the contracts. A new MIS is a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, PrivateAttr, field_validator, model_validator

from models.calendar_rules import APPOINTMENTS, Calendar, CalendarSpan
from models.contracts import load_contracts
from models.database_terms import Database, origin_mistakes
from models.file_terms import Formats, Term, TextFormat
from models.source_checks import calendar_problems, contract_mismatches, control_problems, unmapped_columns
from models.source_guards import CheckTerm, Controls
from models.source_terms import Arrival, Delivery, EntityMapping, Mode, TimeZoneRule
from models.source_variants import has_variants, variants, with_inherited_terms
from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

SOURCES_DIR = Path(__file__).parent / "sources"


class Variant(Term):
    """What differs from the profile: any of its keys, merged into it; null takes a key away."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Layout(Variant):
    """How the source writes from a day on."""

    valid_from: date


class ClinicFiles(Variant):
    """One clinic's files, in a folder of their own inside the day's."""

    folder: str


class Profile(Term):
    """One source: its habits and its entities. `parts` are what delivers on a day, each with a profile of its own."""

    # The name of the file, of the landing folder and of everything that is made of it.
    source: str = Field(pattern="^[a-z][a-z0-9_]*$")
    # A draft is checked and sampled, but no run takes it.
    draft: bool = False
    # How people call it.
    title: str
    # Whether a day without an export is an error.
    delivery: Delivery
    arrival: Arrival = Arrival()
    time_zone: TimeZoneRule
    database: Database | None = None
    text: TextFormat = TextFormat()
    formats: Formats = Formats()
    # Words that say yes and no.
    booleans: dict[str, list[str]] = Field(default={"true": ["true"], "false": ["false"]})
    # Value maps that several columns share, by name.
    vocabularies: dict[str, dict[str, str]] = Field(default_factory=dict)
    entities: dict[str, EntityMapping]
    calendar: Calendar = Calendar()
    controls: Controls | None = None
    checks: dict[str, dict[str, CheckTerm]] = Field(default_factory=dict)
    # What changes from a day on, the oldest first.
    layouts: list[Layout] = Field(default_factory=list)
    # Clinics that deliver files of their own, by id.
    clinics: dict[str, ClinicFiles] = Field(default_factory=dict)

    _written: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _complete_entities(cls, data: Any, build: Callable[[Any], Profile]) -> Profile:
        if not isinstance(data, dict):
            return build(data)
        profile = build(with_inherited_terms(data))
        profile._written = data
        return profile

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

    @field_validator("layouts")
    @classmethod
    def _in_order(cls, value: list[Layout]) -> list[Layout]:
        days = [layout.valid_from for layout in value]
        if days != sorted(set(days)):
            raise ValueError("list each layout once, the oldest first")
        return value

    @property
    def entity_names(self) -> list[str]:
        """Every entity of any layout or clinic."""
        return list(dict.fromkeys(name for _, part in self._variants for name in part.profile.entities))

    def provides(self, entity: str, name: str) -> bool:
        """Whether this source delivers the canonical column, or `column=code`, in any layout or clinic."""
        column, _, code = name.partition("=")
        mappings = (part.profile.entities.get(entity) for _, part in self._variants)
        origins = [mapping.columns[column] for mapping in mappings if mapping and column in mapping.columns]
        return any(not code or origin.may_say(code) for origin in origins)

    def assumes(self, entity: str, column: str) -> bool:
        """Whether a calendar rule fills the canonical column where this source does not deliver it."""
        origins = (part.profile.calendar.stands_in_for(entity, column) for _, part in self._variants)
        return any(
            any(self.provides(APPOINTMENTS, origin) for origin in found) or not found
            for found in origins
            if found is not None
        )

    @property
    def calendars(self) -> list[CalendarSpan]:
        """The calendar of each layout and clinic. A layout's rules hold for the days from its first one on."""
        begins = [*sorted({begin for begin, _ in self._variants}), date.max]
        ends = {begin: following - timedelta(days=1) for begin, following in pairwise(begins)}
        # Parts of an entity share one calendar.
        spans = {(begin, part.clinic): part.profile.calendar for begin, part in self._variants}
        return [CalendarSpan(calendar, clinic, begin, ends[begin]) for (begin, clinic), calendar in spans.items()]

    def mode(self, entity: str) -> Mode | None:
        """Whether this source sends changes of `entity` or all of it, by its newest layout."""
        mappings = [part.profile.entities[entity] for _, part in self._variants if entity in part.profile.entities]
        return mappings[-1].mode if mappings else None

    def parts(self, day: date) -> tuple[Part, ...]:
        """What delivers on `day`: the source or each of its clinics, part by part, as the layout of that day says."""
        begins = max(begin for begin, _ in self._variants if begin <= day)
        return tuple(part for begin, part in self._variants if begin == begins)

    @property
    def _variants(self) -> list[tuple[date, Part]]:
        """First day of the layout, and part."""
        return self._written_variants if has_variants(self._written) else [(date.min, Part(self))]

    @cached_property
    def _written_variants(self) -> list[tuple[date, Part]]:
        return [
            (
                variant.valid_from or date.min,
                Part(Profile.model_validate(variant.data), variant.clinic, variant.folder, variant.shared),
            )
            for variant in variants(self._written)
        ]


@dataclass(frozen=True)
class Part:
    """What delivers into one folder of a day: a source, or one clinic of it; or some files of either.

    `shared` are the entities of which other parts deliver files, too.
    """

    profile: Profile
    clinic: str | None = None
    folder: str = "."
    shared: frozenset[str] = frozenset()


def load_profiles(directory: Path = SOURCES_DIR) -> dict[str, Profile]:
    """Every profile by source name, alphabetical. Drafts are left out: they are somebody's work of today.

    Raises:
        DefinitionError: a profile is not valid or does not fit the contracts.
    """
    return {path.stem: load_profile(path) for path in sorted(directory.glob("*.yaml")) if not is_draft(path)}


def is_draft(path: Path) -> bool:
    """Whether a profile says `draft: true`; one that cannot be read does not."""
    try:
        data = read_document(path).data
    except DefinitionError:
        return False
    return isinstance(data, dict) and data.get("draft") is True


def load_profile(path: Path) -> Profile:
    """One profile, checked against the contracts, in each of its layouts and clinics.

    Raises:
        DefinitionError: naming file, line and key of every mistake.
    """
    profile, unmapped = inspect_profile(path)
    if unmapped:
        raise DefinitionError(unmapped)
    return profile


def inspect_profile(path: Path) -> tuple[Profile, list[Problem]]:
    """One profile, and the required columns that it does not map yet.

    Raises:
        DefinitionError: with every mistake, the required columns among them, if there is any other.
    """
    document = read_document(path)
    profile = validate(document, Profile)
    contracts = load_contracts()
    problems: list[Problem] = []
    unmapped: list[Problem] = []
    if profile.database and profile.clinics:
        problems.append(
            document.problem(("clinics",), "a database has no folders: a clinic's own is a source of its own")
        )
    if profile.database:
        problems += [
            document.problem(("entities", name, "parts"), "are for files; say 'union all' in a 'query'")
            for name, mapping in profile.entities.items()
            if mapping.parts
        ]
    for variant, delivered in _variant_documents(document):
        part = validate(variant, Profile)
        origins = origin_mistakes(part.database, part.entities, variant.data)
        problems += [variant.problem(*mistake) for mistake in origins]
        problems += contract_mismatches(variant, part.entities, contracts)
        problems += calendar_problems(variant, delivered, part.calendar, contracts)
        unmapped += unmapped_columns(variant, part.entities, contracts)
    problems += control_problems(document, profile.entities, profile.controls)
    if profile.source != path.stem:
        problems.append(
            document.problem(("source",), f"the file is named {path.name}, so the source must be '{path.stem}'")
        )
    if problems:
        raise DefinitionError(_once([*unmapped, *problems]))
    return profile, _once(unmapped)


def _variant_documents(document: Document) -> list[tuple[Document, frozenset[str]]]:
    """The profile of each layout, clinic and part, with every key on the line where it is written; and the entities
    that all parts of that layout and clinic deliver."""
    documents = []
    for variant in variants(document.data):
        lines = dict(document.lines)
        for origin, at in variant.origins:
            lines |= {
                (*at, *path[len(origin) :]): line
                for path, line in document.lines.items()
                if path[: len(origin)] == origin
            }
        documents.append((Document(document.path, variant.data, lines), variant.delivered))
    return documents


def _once(problems: list[Problem]) -> list[Problem]:
    """A mistake that several layouts or clinics share is told once."""
    return list(dict.fromkeys(problems))
