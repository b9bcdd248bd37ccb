"""Reads `synonyms.yaml`: by which words exports name entities, columns and codes. It guesses nothing itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from models.contracts import ColumnType, load_contracts
from models.file_terms import Term
from models.yaml_reader import DefinitionError, Document, KeyPath, Problem, read_document, validate

SYNONYMS_FILE = Path(__file__).parent / "synonyms.yaml"

Words = list[str]


class EntityWords(Term):
    """How exports name one entity, its columns and their codes."""

    names: Words = Field(description="Names of files.")
    columns: dict[str, Words] = Field(default={}, description="Canonical column → headers.")
    opposites: dict[str, Words] = Field(default={}, description="Yes-or-no column → headers that say the opposite.")
    defaults: dict[str, str] = Field(
        default={}, description="Required column → constant to begin with if no file has it."
    )
    stand_ins: dict[str, str] = Field(
        default={}, description="Required column → column that says the same where it lacks."
    )
    codes: dict[str, dict[str, Words]] = Field(default={}, description="Canonical column → code → values.")


class Synonyms(Term):
    """Words of exports. Of several meanings the entity's own wins over `anywhere`."""

    anywhere: dict[str, Words] = Field(description="Columns that mean the same in every entity that has them.")
    entities: dict[str, EntityWords]
    abbreviations: dict[str, str] = Field(description="Words of headers and of file names cut short → in full.")
    booleans: dict[str, Words]
    refunds: Words = Field(description="Values that mark a row as money or goods given back.")
    number_words: Words = Field(description="Words and signs that stand beside the digits of a number.")
    totals: Words = Field(description="First words of rows that sum up others.")
    personal: dict[str, Words] = Field(description="Headers of personal data and free text, by kind.")

    def headers_of(self, entity: str, column: str) -> Words:
        """Headers that mean `column`: its own name first."""
        own = self.entities.get(entity)
        return [column, *(own.columns.get(column, []) if own else []), *self.anywhere.get(column, [])]

    def codes_of(self, entity: str, column: str) -> dict[str, Words]:
        """Code → values that mean it."""
        own = self.entities.get(entity)
        return own.codes.get(column, {}) if own else {}


@cache
def load_synonyms(path: Path = SYNONYMS_FILE) -> Synonyms:
    """The words, checked against the contracts.

    Raises:
        DefinitionError: something is named that the contracts do not have.
    """
    document = read_document(path)
    synonyms = validate(document, Synonyms)
    if problems := _unknown_names(document, synonyms):
        raise DefinitionError(problems)
    return synonyms


def _unknown_names(document: Document, synonyms: Synonyms) -> list[Problem]:
    contracts = load_contracts()
    known = {name for contract in contracts.values() for name in contract.columns}
    wrong: list[KeyPath] = [("anywhere", name) for name in synonyms.anywhere if name not in known]
    for entity, words in synonyms.entities.items():
        at: KeyPath = ("entities", entity)
        if entity not in contracts:
            wrong.append(at)
            continue
        columns = contracts[entity].columns
        for part in ("columns", "defaults", "stand_ins"):
            wrong += [(*at, part, name) for name in getattr(words, part) if name not in columns]
        wrong += [
            (*at, "opposites", name)
            for name in words.opposites
            if name not in columns or columns[name].type is not ColumnType.BOOLEAN
        ]
        wrong += [(*at, "codes", name) for name in words.codes if name not in columns or not columns[name].codes]
    return [document.problem(key, "the contracts have no such name") for key in wrong]
