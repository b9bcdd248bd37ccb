"""Says what becomes of each column of a file in a sample, by what the profile makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from zoneinfo import available_timezones

from models.contracts import Column, ColumnType, Contract, Privacy
from models.file_terms import TableTerms
from models.json_paths import from_document
from models.source_columns import quoted_names
from models.source_terms import ColumnMapping, EntityMapping, Lookup
from models.sources import Profile
from orchestration.ingest.mapping.origins import columns_used
from orchestration.sampling.disguise import Disguise

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_CURRENCY = re.compile("[A-Z]{3}")
# Pay is nobody's business, though no name stands beside it.
_PAY = {"salary_amount"}
_KEPT_NAMES = {"time_zone", "currency"}


class Role(IntEnum):
    """Of several uses of a column the first in this order decides."""

    PRIVATE = 1  # made up
    BIRTH = 2  # another day
    ID = 3  # made up, the same id always alike
    LABEL = 4  # words of the clinic's own: made up
    CODE = 5  # words that the profile knows are kept, others made up
    NAME = 6  # a time zone or a currency: kept where it is one
    VALUE = 7  # a date or a number: kept where it is one
    CONDITION = 8  # words that the profile asks for are kept, others made up
    HASHED = 9  # made up, where nothing but a key is made of it
    EMPTIED = 10  # the profile has no use for it


@dataclass(frozen=True)
class ColumnRole:
    """The role of a column, the words of it that the profile names, and the patterns by which it finds ids in it."""

    role: Role
    known: frozenset[str] = frozenset()
    matches: frozenset[str] = frozenset()

    def disguised(self, text: str, disguise: Disguise) -> str:
        """What stands for a cell."""
        stripped = text.strip()
        if not stripped or stripped in self.known:
            return text
        match self.role:
            case Role.EMPTIED:
                return ""
            case Role.BIRTH:
                return disguise.day(text)
            case Role.VALUE:
                return disguise.value(text)
            case Role.NAME if stripped in available_timezones() or _CURRENCY.fullmatch(stripped):
                return text
            case Role.ID if found := _id_in(stripped, self.matches):
                return "".join(part if is_kept else disguise.text(part) for part, is_kept in found)
        return disguise.text(stripped)


@dataclass(frozen=True)
class FileRoles:
    """Roles of the columns of one file; what is not listed is emptied. `terms` say how the file is read."""

    terms: TableTerms
    columns: dict[str, ColumnRole]

    def of(self, header: str) -> ColumnRole:
        return self.columns.get(header, ColumnRole(Role.EMPTIED))

    def merged(self, other: FileRoles) -> FileRoles:
        """The roles for both uses of a file."""
        names = [*self.columns, *(name for name in other.columns if name not in self.columns)]
        return FileRoles(self.terms, {name: _stricter(self.of(name), other.of(name)) for name in names})


def entity_roles(profile: Profile, contract: Contract, mapping: EntityMapping) -> FileRoles:
    """Roles in the files of an entity."""
    uses: dict[str, list[ColumnRole]] = {name: [] for name in columns_used(mapping).own}
    for name, mapped in mapping.columns.items():
        role = _role(profile, name, contract.columns[name], mapped)
        for header in _headers(mapped):
            uses.setdefault(header, []).append(role)
        if mapped.negate_when:
            _add_words(uses, [mapped.negate_when])
    _add_words(uses, [*mapping.fill_down.values(), *([mapping.where] if mapping.where else [])])
    for lookup in mapping.lookups.values():
        for header in lookup.by:
            uses.setdefault(header, []).append(_key_role(lookup))
    if mapping.unpivot:
        value = uses.pop(mapping.unpivot.value, [ColumnRole(Role.VALUE)])
        for header in mapping.unpivot.columns:
            uses.setdefault(header, []).extend(value)
    return _file_roles(mapping, uses)


def lookup_roles(profile: Profile, contract: Contract, mapping: EntityMapping, name: str) -> FileRoles:
    """Roles in the file of a look-up."""
    lookup = mapping.lookups[name]
    uses: dict[str, list[ColumnRole]] = {key: [_key_role(lookup)] for key in lookup.by.values()}
    for column, mapped in mapping.columns.items():
        for header in _headers(mapped):
            if header.startswith(f"{name}."):
                role = _role(profile, column, contract.columns[column], mapped)
                uses.setdefault(header.removeprefix(f"{name}."), []).append(role)
    for other in mapping.lookups.values():
        for header in other.by:
            if header.startswith(f"{name}."):
                uses.setdefault(header.removeprefix(f"{name}."), []).append(_key_role(other))
    _add_words(uses, [lookup.where] if lookup.where else [])
    return _file_roles(lookup, uses)


def _id_in(text: str, patterns: Iterable[str]) -> list[tuple[str, bool]]:
    """The parts of `text` around and of the id in it, each with whether it stays: `Location/` of `Location/7`.

    What stays are words of the pattern itself: around an id may stand whose it is.
    """
    found = []
    for pattern in patterns:
        try:
            match = re.search(pattern, text)
        except re.error:  # RE2 knows a little that Python does not
            continue
        if match and match[1]:
            around = [(text[: match.start(1)], True), (match[1], False), (text[match.end(1) :], True)]
            found.append([(part, stays and part in pattern) for part, stays in around if part])
    # A column may refer to many kinds of things; the pattern that leaves least to the id is that of its kind.
    return min(found, key=lambda parts: sum(len(part) for part, stays in parts if not stays), default=[])


def _file_roles(terms: TableTerms, uses: dict[str, list[ColumnRole]]) -> FileRoles:
    """Roles by header, or by the path from the document: a file may be read with `each` and without."""
    found: dict[str, list[ColumnRole]] = {}
    for name, roles in uses.items():
        found.setdefault(from_document(name, terms.each) if terms.each else name, []).extend(roles)
    return FileRoles(terms, {name: _all(roles) for name, roles in found.items()})


def _role(profile: Profile, name: str, column: Column, mapping: ColumnMapping) -> ColumnRole:
    known = _words([mapping.sql or ""]) | set(mapping.value_map or {})
    if name == profile.time_zone.column:
        known |= set(profile.time_zone.values)
    if column.privacy is Privacy.YEAR:
        return ColumnRole(Role.BIRTH)
    if column.privacy and column.privacy is not Privacy.PSEUDONYMISE:
        return ColumnRole(Role.PRIVATE)
    if name in _PAY:
        return ColumnRole(Role.PRIVATE)
    if mapping.hash and not column.privacy:
        return ColumnRole(Role.HASHED)
    if name.endswith("_id") or column.references or column.privacy:
        return ColumnRole(Role.ID, frozenset(known), _patterns(mapping.match))
    if column.type is ColumnType.BOOLEAN:
        known |= {word for words in profile.booleans.values() for word in words}
    if column.codes or column.type is ColumnType.BOOLEAN:
        return ColumnRole(Role.CODE, frozenset(known | set(column.codes or {})))
    if name in _KEPT_NAMES:
        return ColumnRole(Role.NAME)
    return ColumnRole(Role.LABEL if column.type is ColumnType.STRING else Role.VALUE, frozenset(known))


def _key_role(lookup: Lookup) -> ColumnRole:
    return ColumnRole(Role.ID, matches=_patterns(lookup.match))


def _patterns(match: str | None) -> frozenset[str]:
    return frozenset() if match is None else frozenset({match})


def _headers(mapping: ColumnMapping) -> set[str]:
    """Columns that a mapping is made from."""
    if mapping.source_column is not None:
        return {mapping.source_column}
    return {*(mapping.hash or []), *quoted_names(mapping.sql or "")}


def _add_words(uses: dict[str, list[ColumnRole]], expressions: list[str]) -> None:
    """Columns of a condition: the words that it names are kept."""
    for expression in expressions:
        for header in quoted_names(expression):
            uses.setdefault(header, []).append(ColumnRole(Role.CONDITION, frozenset(_words([expression]))))


def _words(expressions: Iterable[str]) -> set[str]:
    return {word.replace("''", "'") for text in expressions for word in _LITERAL.findall(text)}


def _all(roles: list[ColumnRole]) -> ColumnRole:
    merged = roles[0] if roles else ColumnRole(Role.EMPTIED)
    for role in roles[1:]:
        merged = _stricter(merged, role)
    return merged


def _stricter(one: ColumnRole, other: ColumnRole) -> ColumnRole:
    role = min(one.role, other.role)
    if role <= Role.BIRTH:
        return ColumnRole(role)
    return ColumnRole(role, one.known | other.known, one.matches | other.matches)
