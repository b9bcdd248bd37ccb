"""Decides which entity each table most likely is, and which header each of its columns comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePath

from models.contracts import Contract
from models.synonyms import Synonyms, load_synonyms
from orchestration.ingest.landing import ARCHIVE_SEPARATOR
from orchestration.profiling.evidence import Evidence
from orchestration.profiling.files import general_name
from orchestration.profiling.matching import Match, References, TableView, match_columns
from orchestration.profiling.overlaps import Overlaps, Place
from orchestration.profiling.tables import Table
from orchestration.profiling.words import likeness

# What a table must reach to be drafted as an entity.
_LEAST = 0.5
_LEAST_OTHER = 0.4
_SAME_NAME = 0.9
_OTHERWISE_NAMED = 0.75
_LEAST_NAME, _FEW = 0.6, 3
_CONSTANTS = ("clinic_id", "time_zone", "currency", "plan_version")


@dataclass(frozen=True)
class Guess:
    """`table` (by number) as `entity`: how sure, why, and its columns."""

    table: int
    entity: str
    score: float
    reasons: tuple[str, ...]
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Guesses:
    """The table of each entity; and for entities without one, what may be in a table nevertheless, best first."""

    chosen: dict[str, Guess]
    others: tuple[Guess, ...]

    def in_order(self, synonyms: Synonyms) -> list[tuple[str, Guess]]:
        """As a person reads them: what others refer to first."""
        order = {name: number for number, name in enumerate(synonyms.entities)}
        return sorted(self.chosen.items(), key=lambda item: order.get(item[0], len(order)))


def guess_entities(
    tables: list[Table],
    evidence: list[tuple[Evidence, ...]],
    overlaps: Overlaps,
    contracts: dict[str, Contract],
    synonyms: Synonyms,
) -> Guesses:
    """First by names and values; then again, knowing which columns hold keys of the tables found."""
    views = [TableView(table.header, of_table) for table, of_table in zip(tables, evidence, strict=True)]
    keys: dict[str, Place] = {}
    for _ in range(2):
        guesses = [
            _guess(
                number,
                tables[number],
                view,
                contract,
                synonyms,
                _references(number, view, contract, keys, overlaps),
            )
            for number, view in enumerate(views)
            for contract in contracts.values()
        ]
        guesses = _heed_names(guesses, tables)
        chosen = _choose(guesses, list(contracts))
        keys = {
            guess.entity: (guess.table, match.header)
            for guess in chosen.values()
            for match in guess.matches
            if match.column == contracts[guess.entity].key[0]
        }
    others = [guess for guess in guesses if guess.score >= _LEAST_OTHER and guess.entity not in chosen]
    others.sort(key=lambda guess: (-guess.score, guess.table, guess.entity))
    return Guesses({name: chosen[name] for name in contracts if name in chosen}, tuple(others))


def _heed_names(guesses: list[Guess], tables: list[Table]) -> list[Guess]:
    """Guesses with those lowered whose table is called another entity, and may well be that."""
    named = {
        guess.table
        for guess in guesses
        if guess.score >= _LEAST and _named(tables[guess.table], guess.entity) >= _SAME_NAME
    }
    return [
        replace(guess, score=round(guess.score * _OTHERWISE_NAMED, 3))
        if guess.table in named and _named(tables[guess.table], guess.entity) < _SAME_NAME
        else guess
        for guess in guesses
    ]


def _references(
    number: int, view: TableView, contract: Contract, keys: dict[str, Place], overlaps: Overlaps
) -> References:
    found: References = {}
    for name, column in contract.columns.items():
        key = keys.get(column.references or "")
        for header in range(len(view.header)):
            share = overlaps.share((number, header), key)
            if share is not None:
                found[header, name] = share
    return found


def _guess(
    number: int, table: Table, view: TableView, contract: Contract, synonyms: Synonyms, references: References
) -> Guess:
    matches = match_columns(view, contract, synonyms, references)
    scores = {match.column: match.score for match in matches}
    required = [name for name, column in contract.columns.items() if column.required] or list(contract.columns)
    # What a constant can say (a clinic, its zone, its currency) is no sign that a table is another entity.
    telling = [name for name in required if name not in _CONSTANTS] or required
    needed = sum(scores.get(name, 0.0) for name in telling) / len(telling)
    breadth = sum(scores.values()) / len(contract.columns)
    named = _named(table, contract.entity)
    has_key = all(name in scores for name in contract.key if name not in _CONSTANTS)
    score = (0.5 * needed + 0.2 * breadth + 0.3 * named) * (1.0 if has_key else 0.7)
    if named < _LEAST_NAME and len(matches) < _FEW:
        # An id and a name are in every file.
        score *= 0.7
    if named >= _SAME_NAME and len(matches) >= 2:
        score = max(score, _LEAST)
    reasons = (
        [f"name '{table.label}'" if table.terms.sheet else f"file name '{table.name}'"] if named >= _SAME_NAME else []
    )
    reasons.append(f"{len(matches)} of {len(view.header)} columns")
    return Guess(number, contract.entity, round(score, 3), tuple(reasons), tuple(matches))


def _named(table: Table, entity: str) -> float:
    """How well its file or its sheet is called as `entity` is."""
    return max(_file_likeness(name, entity) for name in (table.name, table.terms.sheet) if name)


@cache
def _file_likeness(file: str, entity: str) -> float:
    stem = PurePath(general_name(file.rpartition(ARCHIVE_SEPARATOR)[2])).name.split(".")[0]
    # `Касса за * г`: what says of when the file is, says not of what.
    stem = re.sub(r"( (за|от|на|по|с|for|as of|from|to))? *[*].*$", "", stem.replace("_", " "))
    own = load_synonyms().entities.get(entity)
    return max(likeness(stem, name) for name in [entity, *(own.names if own else [])])


def _choose(guesses: list[Guess], order: list[str]) -> dict[str, Guess]:
    """A table for each entity, each table once: the surest choose first."""
    chosen: dict[str, Guess] = {}
    taken: set[int] = set()
    for guess in sorted(guesses, key=lambda guess: (-guess.score, order.index(guess.entity), guess.table)):
        if guess.score >= _LEAST and guess.entity not in chosen and guess.table not in taken:
            chosen[guess.entity] = guess
            taken.add(guess.table)
    return chosen
