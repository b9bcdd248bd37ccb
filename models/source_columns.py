"""Says which columns of its files a mapping names, and where. Knows neither contracts nor files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.source_terms import EntityMapping, Lookup
from models.yaml_reader import KeyPath

_QUOTED_NAME = re.compile(r'"((?:[^"]|"")+)"')


def named_columns(mapping: EntityMapping) -> Iterator[tuple[KeyPath, str]]:
    """Every column that `mapping` names, with the key that names it; those of a look-up are `<lookup>.<column>`."""
    for name, column in mapping.columns.items():
        named = [*([column.source_column] if column.source_column else []), *(column.hash or [])]
        yield from ((("columns", name), text) for text in named)
    for key, expression in expressions(mapping).items():
        yield from ((key, text) for text in quoted_names(expression))
    # A look-up may be found by what another one has brought.
    for name, lookup in mapping.lookups.items():
        yield from ((("lookups", name, "by"), text) for text in lookup.by)


def expressions(mapping: EntityMapping) -> dict[KeyPath, str]:
    """Every SQL expression that the profile's author wrote, by its key."""
    written: dict[KeyPath, str | None] = {("where",): mapping.where, ("deleted_when",): mapping.deleted_when}
    for name, column in mapping.columns.items():
        written |= {("columns", name, "sql"): column.sql, ("columns", name, "negate_when"): column.negate_when}
    return {key: text for key, text in written.items() if text is not None}


def key_columns(lookup: Lookup) -> set[str]:
    """Columns of a look-up's file by which its rows are found and chosen."""
    return {*lookup.by.values(), *quoted_names(lookup.where or "")}


def quoted_names(expression: str) -> list[str]:
    """Columns that an SQL expression names, which it does in double quotes."""
    return [name.replace('""', '"') for name in _QUOTED_NAME.findall(expression)]


def lookup_of(name: str, mapping: EntityMapping) -> str | None:
    """The look-up that brings the column `name`; None if it is one of the rows' own."""
    return next((lookup for lookup in mapping.lookups if name.startswith(f"{lookup}.")), None)
