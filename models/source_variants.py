"""Derives what a profile says for one clinic, one span of days and some files: layouts, clinics and the parts of an
entity are changes merged into it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from models.contracts import load_contracts
from models.database_terms import as_landed
from models.file_terms import Formats, TextFormat
from models.yaml_reader import KeyPath

LAYOUTS, CLINICS, PARTS = "layouts", "clinics", "parts"
_FOLDER, _VALID_FROM = "folder", "valid_from"
# Keys of a variant that describe it rather than change the profile.
_OWN_KEYS = {_FOLDER, _VALID_FROM}
# A mapping of a column is one thing: half of an old one and half of a new one would be neither.
_WHOLE = ("entities", "*", "columns", "*")


@dataclass(frozen=True)
class VariantData:
    """Plain data of a profile without variants. `origins` are the key paths that were merged into it, first to last,
    each with the key path that it was merged at. `shared` are the entities that other variants deliver, too,
    `delivered` those of this layout and clinic, in whichever part."""

    valid_from: date | None
    clinic: str | None
    folder: str
    data: dict[str, Any]
    origins: tuple[tuple[KeyPath, KeyPath], ...]
    shared: frozenset[str] = frozenset()
    delivered: frozenset[str] = frozenset()


def variants(data: dict[str, Any]) -> Iterator[VariantData]:
    """Every variant: for each layout, oldest first, the source as a whole or each of its clinics, part by part."""
    era = {key: value for key, value in data.items() if key not in (LAYOUTS, CLINICS)}
    layouts: list[tuple[date | None, dict[str, Any], tuple[tuple[KeyPath, KeyPath], ...]]] = [(None, era, ())]
    clinics = data.get(CLINICS) or {}
    for number, layout in enumerate(data.get(LAYOUTS) or []):
        _, before, origins = layouts[-1]
        layouts.append((layout[_VALID_FROM], merged(before, layout), (*origins, ((LAYOUTS, number), ()))))
    for valid_from, era, origins in layouts:
        if not clinics:
            yield from _parts(VariantData(valid_from, None, ".", era, origins))
        for clinic, changes in clinics.items():
            of_clinic = merged(era, changes)
            at = (*origins, ((CLINICS, clinic), ()))
            for part in _parts(VariantData(valid_from, clinic, changes[_FOLDER], of_clinic, at)):
                yield replace(part, data=_with_clinic(part.data, clinic))


def has_variants(data: dict[str, Any]) -> bool:
    """Whether a profile has layouts, clinics or entities of several parts."""
    return bool(data.get(LAYOUTS) or data.get(CLINICS)) or bool(_split(data.get("entities")))


def _parts(whole: VariantData) -> Iterator[VariantData]:
    """`whole`, or one variant for each part of its entities; entities without parts are in the first."""
    entities = whole.data["entities"]
    split = _split(entities)
    for number in range(max([1, *map(len, split.values())])):
        of_part = {name: entity for name, entity in entities.items() if name not in split} if number == 0 else {}
        origins = list(whole.origins)
        for name in (name for name, parts in split.items() if number < len(parts)):
            shared = {"columns": {}} | {key: value for key, value in entities[name].items() if key != PARTS}
            of_part[name] = _merged(shared, split[name][number], ("entities", name))
            # The list stands in the profile itself, or whole in one of the variants.
            written = [(), *(origin for origin, _ in whole.origins)]
            origins += [((*at, "entities", name, PARTS, number), ("entities", name)) for at in written]
        yield replace(
            whole,
            data=whole.data | {"entities": of_part},
            origins=tuple(origins),
            shared=frozenset(name for name in split if name in of_part),
            delivered=frozenset(entities),
        )


def _split(entities: Any) -> dict[str, list[dict[str, Any]]]:
    """The parts of entities that have some."""
    return {
        name: entity[PARTS]
        for name, entity in (entities.items() if isinstance(entities, dict) else ())
        if isinstance(entity, dict) and isinstance(entity.get(PARTS), list) and entity[PARTS]
    }


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`base` with `changes`: mappings are merged, anything else is replaced, null takes the key away."""
    return _merged(base, {key: value for key, value in changes.items() if key not in _OWN_KEYS}, ())


def with_inherited_terms(data: dict[str, Any]) -> dict[str, Any]:
    """`data` with every entity's text and formats completed by the profile's, and vocabularies put where they are used.

    A mistake in the profile's own terms is reported there alone, so they are handed down only if they are sound.
    """
    data = copy.deepcopy(data)
    if data.get("database"):
        as_landed(data)
    for entity in _mappings(data.get("entities")):
        if entity.get(PARTS):
            # What its parts have in common may be nothing.
            entity.setdefault("columns", {})
        for table in (entity, *_mappings(entity.get("lookups"))):
            _inherit(table, data, "text", TextFormat)
            _inherit(table, data, "formats", Formats)
        for column in _mappings(entity.get("columns")):
            vocabulary = column.get("values")
            if isinstance(vocabulary, str) and vocabulary in (data.get("vocabularies") or {}):
                column["values"] = data["vocabularies"][vocabulary]
    return data


def _merged(base: dict[str, Any], changes: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    result = dict(base)
    for key, value in changes.items():
        at = (*path, key)
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict) and not _is_whole(at):
            result[key] = _merged(result[key], value, at)
        else:
            result[key] = value
    return result


def _is_whole(path: tuple[str, ...]) -> bool:
    return len(path) == len(_WHOLE) and all(wanted in ("*", key) for wanted, key in zip(_WHOLE, path, strict=True))


def _with_clinic(data: dict[str, Any], clinic: str) -> dict[str, Any]:
    """A clinic's own files need not name it: where nothing is mapped to `clinic_id`, it is the clinic."""
    contracts = load_contracts()
    entities = {
        name: entity | {"columns": {"clinic_id": {"constant": clinic}} | entity["columns"]}
        if name in contracts and "clinic_id" in contracts[name].columns and isinstance(entity.get("columns"), dict)
        else entity
        for name, entity in data["entities"].items()
    }
    return data | {"entities": entities}


def _inherit(table: dict[str, Any], data: dict[str, Any], key: str, term: type[TextFormat] | type[Formats]) -> None:
    own, general = table.get(key, {}), data.get(key, {})
    if not general or not isinstance(own, dict):
        return
    try:
        term.model_validate(general)
    except ValidationError:
        return
    table[key] = general | own


def _mappings(parent: Any) -> list[dict[str, Any]]:
    """Children that are mappings; what else stands there is for the validator to report."""
    return [child for child in parent.values() if isinstance(child, dict)] if isinstance(parent, dict) else []
