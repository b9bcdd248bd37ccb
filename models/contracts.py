"""Reads the export contracts (`contracts/<entity>.yaml`): what each entity is, its columns, types, keys, codes."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

CONTRACTS_DIR = Path(__file__).parent / "contracts"


class ColumnType(StrEnum):
    """Canonical types. Moments are UTC; `time` is a wall-clock time of the clinic."""

    STRING = "string"
    INTEGER = "integer"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"

    @property
    def sql_type(self) -> str:
        """Type of the column in a batch and in the warehouse."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.AMOUNT: "DECIMAL(18,2)",
    ColumnType.QUANTITY: "DECIMAL(18,4)",
    ColumnType.DATE: "DATE",
    ColumnType.TIME: "TIME",
    ColumnType.TIMESTAMP: "TIMESTAMP",
    ColumnType.BOOLEAN: "BOOLEAN",
}


class Privacy(StrEnum):
    """What happens to personal data while a file is read; nothing later ever sees the original."""

    DROP = "drop"  # never leaves the file
    PSEUDONYMISE = "pseudonymise"  # replaced by a keyed HMAC
    DOCUMENT = "document"  # the same, of its letters and digits alone: `112-233-445 95` is `11223344595`
    YEAR = "year"  # only the year of the date is kept, in a column named `<prefix>_year`


# What is stored of these is 32 hexadecimal digits.
HASHED = (Privacy.PSEUDONYMISE, Privacy.DOCUMENT)


class EntityKind(StrEnum):
    REFERENCE = "reference"
    FACT = "fact"


class Column(BaseModel):
    """One canonical column.

    A `label` is short text from a list of the clinic's own (a channel, a service): it speaks of no person.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ColumnType
    description: str
    required: bool = False
    privacy: Privacy | None = None
    label: bool = False
    references: str | None = None
    codes: dict[str, str] | None = None


class Contract(BaseModel):
    """One canonical entity. `columns` keep the order of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entity: str
    grain: str
    kind: EntityKind
    key: list[str]
    day: str | None = None
    notes: str | None = None
    columns: dict[str, Column]

    @model_validator(mode="after")
    def _names_known_columns(self) -> Contract:
        for name in [*self.key, *([self.day] if self.day else [])]:
            if name not in self.columns:
                raise ValueError(f"'{name}' is named as key or day but is not a column")
        return self

    @property
    def inputs(self) -> list[str]:
        """What a source may or may not deliver: every column, and every code of one as `column=code`."""
        coded = {column: [f"{column}={code}" for code in about.codes or ()] for column, about in self.columns.items()}
        return [name for column, codes in coded.items() for name in (column, *codes)]

    @property
    def stored_columns(self) -> dict[str, str]:
        """Name → SQL type of every column that a batch and the warehouse hold, in order."""
        stored: dict[str, str] = {}
        for name, column in self.columns.items():
            if column.privacy is Privacy.YEAR:
                stored[year_column(name)] = ColumnType.INTEGER.sql_type
            elif column.privacy is not Privacy.DROP:
                stored[name] = column.type.sql_type
        return stored


def year_column(name: str) -> str:
    """`birth_date` → `birth_year`."""
    return f"{name.removesuffix('_date')}_year"


def load_contracts(directory: Path = CONTRACTS_DIR) -> dict[str, Contract]:
    """Every contract by entity name, alphabetical.

    Raises:
        DefinitionError: a file is not a valid contract, is not named after its entity, or refers to an unknown entity.
    """
    return dict(_load(directory))


@cache
def _load(directory: Path) -> dict[str, Contract]:
    documents: dict[str, Document] = {}
    contracts: dict[str, Contract] = {}
    for path in sorted(directory.glob("*.yaml")):
        document = read_document(path)
        contract = validate(document, Contract)
        if contract.entity != path.stem:
            raise DefinitionError(
                [document.problem(("entity",), f"the file is named {path.name}, so the entity must be '{path.stem}'")]
            )
        documents[contract.entity], contracts[contract.entity] = document, contract
    problems = [
        problem
        for entity in contracts
        for problem in [
            *_broken_references(documents[entity], contracts[entity], contracts),
            *_unclassified_texts(documents[entity], contracts[entity]),
        ]
    ]
    if problems:
        raise DefinitionError(problems)
    return contracts


def _broken_references(document: Document, contract: Contract, contracts: dict[str, Any]) -> list[Problem]:
    return [
        document.problem(("columns", name, "references"), f"there is no contract '{column.references}'")
        for name, column in contract.columns.items()
        if column.references and column.references not in contracts
    ]


def _unclassified_texts(document: Document, contract: Contract) -> list[Problem]:
    """Free text may hold anybody's name: a text is an id, a code, a label, or its privacy is declared."""
    return [
        document.problem(
            ("columns", name),
            "say what this text is: an id (a name that ends with _id), 'codes', 'label: true' for words from a list of "
            "the clinic's own, or 'privacy: drop' if it may hold a name, a contact, a document or free text",
        )
        for name, column in contract.columns.items()
        if column.type is ColumnType.STRING
        and not (name.endswith("_id") or column.codes or column.label or column.privacy)
    ]
