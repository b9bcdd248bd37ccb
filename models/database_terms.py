"""What a profile may say of a source that is a database, and what it may not: words that describe files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import field_validator

from models.file_terms import Term
from models.source_terms import EntityMapping, Mode
from models.yaml_reader import KeyPath

# How yes and no are landed. Dates and moments are landed by ISO 8601, which the reader of typed files understands.
LANDED_BOOLEANS = {"true": "true", "false": "false"}

_OF_FILES = ("file", "format", "sheet", "rows", "each", "text", "required", "ignore", "unknown_columns", "fill_down")
_OF_FOLDERS = ("text", "arrival", "controls")
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


def as_landed(data: dict[str, Any]) -> None:
    """Completes the plain data of a database's profile by how its tables are landed: a Parquet file an entity."""
    booleans = data.get("booleans")
    if isinstance(booleans, dict):
        data["booleans"] = {
            truth: _united(words, LANDED_BOOLEANS.get(truth)) if isinstance(words, list) else words
            for truth, words in booleans.items()
        }
    for name, entity in (data.get("entities") or {}).items():
        if isinstance(entity, dict):
            # A database is asked for the mapped columns alone.
            entity |= {"file": f"{name}.parquet", "unknown_columns": "ignore"}


def origin_mistakes(
    database: Database | None, entities: dict[str, EntityMapping], said: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    """Key and message wherever a profile of files speaks of a database, or the reverse. `said`: its plain data."""
    for word in _OF_FOLDERS:
        if database and word in said:
            yield (word,), "describes files; this source is a database"
    for entity, mapping in entities.items():
        mistakes = _database_mistakes if database else _file_mistakes
        for key, message in mistakes(mapping, said["entities"][entity]):
            yield ("entities", entity, *key), message


def _file_mistakes(mapping: EntityMapping, said: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    for word in _OF_DATABASES:
        if word in said:
            yield (word,), "is for a database; name it with 'database: {dsn_env: …}' at the top of the profile"
    if not mapping.files and said.keys().isdisjoint(_OF_DATABASES):
        yield ("file",), "required key is missing"


def _database_mistakes(mapping: EntityMapping, said: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    for word in _OF_FILES:
        if word in said:
            yield (word,), "describes a file; this source is a database, which is asked for the mapped columns alone"
    if mapping.lookups:
        yield ("lookups",), "are for files; join in a 'query'"
    if (mapping.table is None) == (mapping.query is None):
        yield (), "give exactly one of 'table' and 'query'"
    if mapping.mode is Mode.DELTA and mapping.cursor is None:
        yield ("mode",), "'delta' needs a 'cursor', the column that grows with every change; without one it is 'full'"
    if mapping.mode is not Mode.DELTA and mapping.cursor is not None:
        yield ("cursor",), f"is for 'mode: delta'; '{mapping.mode}' reads every row each day, to see which are gone"
    if mapping.lookback is not None and mapping.cursor is None:
        yield ("lookback",), "says how far to go back behind a cursor, and there is no 'cursor'"


def _united(words: list[Any], landed: str | None) -> list[Any]:
    return words if landed is None or landed in words else [*words, landed]
