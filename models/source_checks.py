"""Checks a profile against the contracts: what each mapping may say of the column that it fills."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from models.calendar_rules import APPOINTMENTS, RESOURCE_HOURS, SHIFTS, Calendar
from models.contracts import Column, ColumnType, Contract
from models.path_checks import path_problems
from models.source_guards import Controls
from models.source_terms import DATED_TYPES, NUMERIC_TYPES, SIGNED_TYPES, ColumnMapping, EntityMapping, conversions
from models.yaml_reader import Document, KeyPath, Problem

_LOOKUP_NAME = re.compile("[a-z][a-z0-9_]*")


def contract_mismatches(
    document: Document, entities: dict[str, EntityMapping], contracts: dict[str, Contract]
) -> list[Problem]:
    """Everything that the profile's `entities` say and that does not fit the contracts."""
    problems: list[Problem] = []
    for entity, mapping in entities.items():
        at: KeyPath = ("entities", entity)
        contract = contracts.get(entity)
        if contract is None:
            problems.append(document.problem(at, f"there is no such entity; there are: {', '.join(contracts)}"))
            continue
        found = [*_entity_problems(mapping), *_window_problems(contract, mapping), *_column_problems(contract, mapping)]
        problems += [document.problem((*at, *key), message) for key, message in found]
    return problems


def calendar_problems(
    document: Document, entities: Collection[str], calendar: Calendar, contracts: dict[str, Contract]
) -> list[Problem]:
    """Calendar rules that have nothing to stand on among `entities`, or stand beside what they are to stand in for."""
    at: KeyPath = ("calendar",)
    problems = []
    if calendar.resource_hours and "resources" not in entities:
        problems.append(document.problem((*at, RESOURCE_HOURS), "this source delivers no resources to be opened"))
    if calendar.shifts and APPOINTMENTS not in entities:
        problems.append(document.problem((*at, SHIFTS), "this source delivers no appointments to make shifts of"))
    if calendar.shifts and SHIFTS in entities:
        problems.append(document.problem((*at, SHIFTS), "this source delivers shifts: take either them or the rule"))
    known = contracts["resources"].columns["resource_kind"].codes or {}
    for number, rule in enumerate(calendar.resource_hours):
        for kind in rule.kinds:
            if kind not in known:
                key = (*at, RESOURCE_HOURS, number, "kinds")
                problems.append(document.problem(key, f"there is no kind '{kind}'; there are: {', '.join(known)}"))
    return problems


def control_problems(
    document: Document, entities: dict[str, EntityMapping], controls: Controls | None
) -> list[Problem]:
    """What is wrong with the control totals of a profile."""
    if controls is None:
        return []
    problems = [
        document.problem(
            ("controls", "sums", entity), f"this source delivers no {entity}; it delivers: {', '.join(entities)}"
        )
        for entity in controls.sums
        if entity not in entities
    ]
    if controls.rows is None and not controls.sums:
        problems.append(document.problem(("controls",), "name the column that counts 'rows', or give 'sums'"))
    return problems


def unmapped_columns(
    document: Document, entities: dict[str, EntityMapping], contracts: dict[str, Contract]
) -> list[Problem]:
    """Required columns that the profile's `entities` do not map. A draft may still lack them."""
    return [
        document.problem(("entities", entity, "columns"), f"required column '{name}' is not mapped")
        for entity, mapping in entities.items()
        if entity in contracts
        for name, column in contracts[entity].columns.items()
        if column.required and name not in mapping.columns
    ]


def _entity_problems(mapping: EntityMapping) -> Iterator[tuple[KeyPath, str]]:
    yield from path_problems(mapping)
    for name, lookup in mapping.lookups.items():
        if not _LOOKUP_NAME.fullmatch(name):
            yield ("lookups", name), "name a look-up with small letters, digits and _: its columns are <name>.<column>"
        if lookup.match is not None:
            yield from ((("lookups", name), problem) for problem in _match_problems(lookup.match))


def _window_problems(contract: Contract, mapping: EntityMapping) -> Iterator[tuple[KeyPath, str]]:
    name = mapping.window.column if mapping.window else None
    column = contract.columns.get(name or "")
    if name and (name not in mapping.columns or not column or column.type not in DATED_TYPES or column.privacy):
        yield ("window", "column"), f"'{name}' is no date or timestamp that the profile maps"


def _column_problems(contract: Contract, mapping: EntityMapping) -> Iterator[tuple[KeyPath, str]]:
    for name, mapped in mapping.columns.items():
        if name not in contract.columns:
            known = ", ".join(contract.columns)
            yield ("columns", name), f"'{contract.entity}' has no such column; it has: {known}"
            continue
        for message in _mapping_problems(f"{contract.entity}.{name}", name, contract.columns[name], mapped):
            yield ("columns", name), message


def _mapping_problems(full_name: str, name: str, column: Column, mapping: ColumnMapping) -> Iterator[str]:
    if mapping.negate_when and column.type not in SIGNED_TYPES:
        yield f"'negate_when' turns the sign of a number, and {full_name} is none"
    if mapping.hash and column.type is not ColumnType.STRING:
        yield f"'hash' makes a text, and {full_name} is a {column.type}"
    if mapping.unit:
        known = conversions(name)
        if column.type not in NUMERIC_TYPES or mapping.unit not in known:
            allowed = f"it can be told in: {', '.join(known)}" if known else "it has no unit"
            yield f"{full_name} cannot be told in {mapping.unit}; {allowed}"
    if isinstance(mapping.values, str):
        yield f"there is no vocabulary '{mapping.values}' in the profile"
    if mapping.match is not None:
        yield from _match_problems(mapping.match)
    for code in sorted(_produced(mapping) - set(column.codes or {})) if column.codes else []:
        yield f"'{code}' is not a code of {full_name}; allowed: {', '.join(column.codes or {})}"


def _match_problems(pattern: str) -> Iterator[str]:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        yield f"'match' is no regular expression: {error}"
        return
    if groups != 1:
        yield "'match' takes what its one group (…) finds; give exactly one"


def _produced(mapping: ColumnMapping) -> set[str]:
    """Texts that the mapping is known to produce."""
    return {*(mapping.value_map or {}).values(), *(text for text in (mapping.constant, mapping.otherwise) if text)}
