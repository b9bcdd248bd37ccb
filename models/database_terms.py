"""What a profile may say of a source that is a database, and what it may not: words that describe files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import field_validator

from models.source_terms import EntityMapping, Formats, Mode, Term
from models.yaml_reader import KeyPath

# How a cell that has a type in the database is landed as text. Never the profile's own formats: these may change, what
# has landed does not. A moment with an offset is an instant (UTC); one without is a wall clock of the source.
LANDED_FORMATS = Formats(
    date=["%Y-%m-%d"],
    timestamp=["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f%z"],
    time=["%H:%M:%S", "%H:%M:%S.%f"],
)
LANDED_BOOLEANS = {"true": "true", "false": "false"}

_OF_FILES = ("file", "sheet", "ignore", "unknown_columns", "required")
_OF_DATABASES = ("table", "query", "cursor", "lookback")


class Database(Term):
    """A source that is a database. Its DSN is a secret: the profile only names the variable that holds it."""

    dsn_env: str

    @field_validator("dsn_env")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        # Not a pattern: its message would show what was found, and that may be a DSN with its password.
        if not re.fullmatch("[A-Z][A-Z0-9_]*", value):
            raise ValueError(
                "give the name of the environment variable that holds the DSN, never the DSN itself; "
                "an example: CLINIC_REPLICA_DSN"
            )
        return value


def with_landed_formats(formats: Formats) -> Formats:
    """`formats` of dates that the MIS keeps as text, and behind them those in which typed cells land."""
    both = {name: _united(getattr(formats, name), getattr(LANDED_FORMATS, name)) for name in Formats.model_fields}
    return Formats(**both)


def with_landed_booleans(booleans: dict[str, list[str]]) -> dict[str, list[str]]:
    """Likewise for the words of yes and no."""
    return {truth: _united(words, [LANDED_BOOLEANS[truth]]) for truth, words in booleans.items()}


def origin_mistakes(
    database: Database | None, entities: dict[str, EntityMapping], said: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    """Key and message wherever a profile of files speaks of a database, or the reverse. `said`: its plain data."""
    if database and "text" in said:
        yield ("text",), "describes text files; a database is read by the types of its columns"
    for entity, mapping in entities.items():
        mistakes = _database_mistakes if database else _file_mistakes
        for key, message in mistakes(mapping, said["entities"][entity]):
            yield ("entities", entity, *key), message


def _file_mistakes(mapping: EntityMapping, said: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    for word in _OF_DATABASES:
        if word in said:
            yield (word,), "is for a database; name it with 'database: {dsn_env: …}' at the top of the profile"
    if mapping.file is None and said.keys().isdisjoint(_OF_DATABASES):
        yield ("file",), "required key is missing"


def _database_mistakes(mapping: EntityMapping, said: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    for word in _OF_FILES:
        if word in said:
            yield (word,), "describes a file; this source is a database, which is asked for the mapped columns alone"
    if (mapping.table is None) == (mapping.query is None):
        yield (), "give exactly one of 'table' and 'query'"
    if mapping.mode is Mode.DELTA and mapping.cursor is None:
        yield ("mode",), "'delta' needs a 'cursor', the column that grows with every change; without one it is 'full'"
    if mapping.mode is Mode.FULL and mapping.cursor is not None:
        yield ("cursor",), "'mode: full' reads every row each day; a cursor is for 'mode: delta'"
    if mapping.lookback is not None and mapping.cursor is None:
        yield ("lookback",), "says how far to go back behind a cursor, and there is no 'cursor'"


def _united(first: list[str], second: list[Any]) -> list[str]:
    return [*first, *(item for item in second if item not in first)]
