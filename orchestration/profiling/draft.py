"""Drafts a profile from a folder of files: what each file most likely is, how sure that is, and why."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.contracts import ColumnType, Contract, load_contracts
from models.synonyms import load_synonyms
from orchestration.profiling.columns import ColumnDraft, EntityContext, draft_columns
from orchestration.profiling.entities import Guess, Guesses, guess_entities
from orchestration.profiling.evidence import Evidence, gather
from orchestration.profiling.files import FoundFile, export_days
from orchestration.profiling.habits import (
    DateOrder,
    Guessed,
    booleans,
    date_order,
    delivery,
    formats_of,
    number_marks,
    number_words,
    text_columns,
)
from orchestration.profiling.modes import guess_mode
from orchestration.profiling.overlaps import find_overlaps
from orchestration.profiling.tables import Export, Table, clinic_of, read_tables


class NothingToDraftError(ValueError):
    """The folder holds no file that can be read as a table."""


@dataclass(frozen=True)
class EntityDraft:
    """One entity of the draft. `unmapped` are headers that no canonical column was found for."""

    name: str
    table: Table
    guess: Guess
    mode: Guessed
    is_required: Guessed
    columns: tuple[ColumnDraft, ...]
    unmapped: tuple[tuple[str, Evidence], ...]


@dataclass(frozen=True)
class Draft:
    """Everything that was guessed of a source."""

    source: str
    export: Export
    tables: tuple[Table, ...]
    evidence: tuple[tuple[Evidence, ...], ...]
    delivery: Guessed
    decimal_mark: Guessed
    thousands_mark: str | None
    number_words: Guessed
    order: DateOrder
    formats: dict[str, list[str]]
    booleans: Guessed
    zones: dict[str, str]
    constants: dict[str, str]
    entities: tuple[EntityDraft, ...]
    guesses: Guesses

    @property
    def clinic_files(self) -> dict[str, list[FoundFile]]:
        """The files of each folder inside the day's: of a clinic that exports for itself."""
        found: dict[str, list[FoundFile]] = {}
        for file in (file for table in self.tables for file in table.files):
            if clinic := clinic_of(file.landed, self.export.folders):
                found.setdefault(clinic, []).append(file)
        return dict(sorted(found.items()))

    @property
    def unused(self) -> list[Table]:
        used = {entity.table.relation for entity in self.entities}
        return [table for table in self.tables if table.relation not in used]


def draft_source(source: str, folder: Path) -> Draft:
    """The draft of a profile for the files in `folder`, or in its folders of days.

    Raises:
        NothingToDraftError: there is nothing to draft from.
    """
    contracts, synonyms = load_contracts(), load_synonyms()
    with tempfile.TemporaryDirectory(prefix="triune-draft-") as scratch, duckdb.connect() as connection:
        export = read_tables(connection, export_days(folder), Path(scratch))
        tables = [table for table in export.tables if table.rows]
        if not tables:
            raise NothingToDraftError(f"{folder} holds no table that can be read" + _listed(export.unread))
        evidence = [gather(connection, table) for table in tables]
        guesses = guess_entities(tables, evidence, find_overlaps(connection, tables, evidence), contracts, synonyms)
        marks, thousands = number_marks(text_columns(tables, evidence))
        order = date_order(column for columns in evidence for column in columns)
        kinds = list(_typed_columns(guesses, tables, evidence, contracts))
        formats = formats_of(kinds, order)
        words = booleans((column for kind, _, column in kinds if kind is ColumnType.BOOLEAN), synonyms)
        zones = _zones(connection, guesses, tables)
        in_folders = any(clinic_of(file.landed, export.folders) for table in tables for file in table.files)
        constants = _constants(source, guesses, tables, in_folders=in_folders)
        entities = []
        for name, guess in guesses.in_order(synonyms):
            table, columns = tables[guess.table], evidence[guess.table]
            context = EntityContext(
                guess,
                table,
                columns,
                contracts[name],
                synonyms,
                order,
                formats,
                words.value or {},
                constants,
                in_folders,
            )
            entities.append(_entity(context, export.days, guess_mode(connection, table, contracts[name], guess)))
    return Draft(
        source,
        export,
        tuple(tables),
        tuple(evidence),
        delivery(export.days),
        marks,
        thousands,
        number_words(text_columns(tables, evidence)),
        order,
        formats,
        words,
        zones,
        constants,
        tuple(entities),
        guesses,
    )


def _entity(context: EntityContext, days: list[date], mode: Guessed) -> EntityDraft:
    columns = tuple(draft_columns(context))
    used = {header for column in columns for header in column.headers}
    unmapped = [pair for pair in zip(context.table.header, context.evidence, strict=True) if pair[0] not in used]
    present = len(context.table.days)
    is_required = Guessed(present == len(days), f"on {present} of {len(days)} days")
    return EntityDraft(
        context.contract.entity, context.table, context.guess, mode, is_required, columns, tuple(unmapped)
    )


def _constants(source: str, guesses: Guesses, tables: list[Table], *, in_folders: bool) -> dict[str, str]:
    """What to begin with where no file says it. An export that names no clinic anywhere is of one clinic, or of one a
    folder."""
    is_russian = any(not header.isascii() for table in tables for header in table.header)
    zone, currency = ("Europe/Moscow", "RUB") if is_russian else ("UTC", "USD")
    named = in_folders or any(
        match.column == "clinic_id" for guess in guesses.chosen.values() for match in guess.matches
    )
    return {"time_zone": zone, "currency": currency} | ({} if named else {"clinic_id": source.upper()})


def _typed_columns(
    guesses: Guesses, tables: list[Table], evidence: list[tuple[Evidence, ...]], contracts: dict[str, Contract]
) -> list[tuple[ColumnType, Table, Evidence]]:
    return [
        (contracts[name].columns[match.column].type, tables[guess.table], evidence[guess.table][match.header])
        for name, guess in guesses.chosen.items()
        for match in guess.matches
    ]


def _zones(connection: duckdb.DuckDBPyConnection, guesses: Guesses, tables: list[Table]) -> dict[str, str]:
    """Clinic → time zone, where the export says so."""
    guess = guesses.chosen.get("clinics")
    headers = {match.column: match.header for match in guess.matches} if guess else {}
    if guess is None or not {"clinic_id", "time_zone"} <= headers.keys():
        return {}
    clinic, zone = headers["clinic_id"], headers["time_zone"]
    rows: list[tuple[Any, ...]] = connection.execute(
        f"select distinct c{clinic}, c{zone} from {tables[guess.table].relation} "
        f"where c{zone} in (select name from pg_timezone_names()) and c{clinic} is not null order by all"
    ).fetchall()
    return dict(rows)


def _listed(unread: dict[str, str]) -> str:
    return "".join(f"\n  {name}: {reason}" for name, reason in unread.items())
