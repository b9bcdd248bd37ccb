"""Reads a spoilt file as the pipeline does and judges what came of it by what the file holds. No tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from records import Contents, Record, trimmed

from models.contracts import Contract
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead, read_entity
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused, FileProblem

KEY = b"key of the tests"
# What only a programmer would understand, or should see.
_NOT_FOR_USERS = re.compile(
    r"/tmp|/home|\\\\|Traceback|Error:|Exception|duckdb|read_csv|CSV Error|_path|__triune|0x[0-9a-f]{4}|panicked"
    r"|\bh\d+\b|NoneType|<class"
)
_LONGEST_MESSAGE = 1500


@dataclass
class Outcome:
    """Either problems, or rows: typed ones and quarantined ones by row number."""

    problems: list[FileProblem] = field(default_factory=list)
    read: EntityRead | None = None
    typed: dict[int, dict[str, Any]] = field(default_factory=dict)
    quarantined: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return self.read is None


@dataclass(frozen=True)
class Bench:
    """Where files of one entity are put and read."""

    folder: Path
    contract: Contract
    profile: Profile
    connection: duckdb.DuckDBPyConnection
    day: date = date(2026, 2, 2)

    @property
    def store(self) -> BatchStore:
        return BatchStore(self.folder / "batches")

    def read(self, data: bytes) -> Outcome:
        """Puts `data` where the profile expects the entity's file, and reads it."""
        (file,) = self.profile.entities[self.contract.entity].files
        day_folder = self.folder / "landing" / self.profile.source / str(self.day)
        anywhere = LandedFile(
            self.profile.source, self.day, self.contract.entity, day_folder, day_folder, None, self.profile
        )
        landed = anywhere.beside(file)
        day_folder.mkdir(parents=True, exist_ok=True)
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        landed.path.write_bytes(data)
        try:
            read = read_entity([landed], self.contract, self.store, scratch, KEY)
        except ExportRefused as refused:
            return Outcome(problems=refused.problems)
        outcome = Outcome(read=read)
        for row in self._rows(self.store.paths(self.profile.source, self.contract.entity, [self.day])):
            assert row["_row"] not in outcome.typed, "a row stands twice in the batch"
            outcome.typed[row.pop("_row")] = row
        for row in self._rows(self.store.quarantine_paths(self.profile.source, self.contract.entity, [self.day])):
            told = row["column_name"], row["value"], row["rule"], row["reason"]
            outcome.quarantined.setdefault(row["_row"], []).append(told)
        return outcome

    def _rows(self, paths: list[Path]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for path in paths:
            found = self.connection.execute(f"from read_parquet('{path}', hive_partitioning = false)")
            names = [column[0] for column in found.description or []]
            rows += [dict(zip(names, values, strict=True)) for values in found.fetchall()]
        return rows


@dataclass(frozen=True)
class Judge:
    """Knows the unspoilt file: its text, and the typed row of each of its records."""

    bench: Bench
    original: Contents
    typed: dict[tuple[str, ...], dict[str, Any]]
    private: frozenset[str]

    @classmethod
    def of(cls, bench: Bench, data: bytes, original: Contents, private_columns: list[str]) -> Judge:
        outcome = bench.read(data)
        assert not outcome.problems and not outcome.quarantined, "the file is to be sound before it is spoilt"
        judge = cls(bench, original, {}, frozenset())
        typed = {judge._key(original, record): outcome.typed[record.row] for record in original.records}
        places = [original.header.index(name) for name in private_columns]
        private = {
            cell for record in original.records for place in places if len(cell := (record.cells or ())[place]) > 4
        }
        return replace(judge, typed=typed, private=frozenset(private))

    def judge(self, found: Contents | None, outcome: Outcome) -> None:
        """Raises AssertionError unless every record has become one row, in the batch or in quarantine, or none has."""
        assert_fit_to_show(outcome, self.private, self.bench.folder)
        if outcome.is_refused:
            assert found is None or self._may_be_refused(found), f"refused without need: {outcome.problems}"
            return
        assert outcome.read is not None
        assert found is not None, "a file that is no text in the profile's encoding was read"
        assert self._has_columns(found), "a file without the columns was read"
        assert not outcome.typed.keys() & outcome.quarantined.keys()
        accounted = outcome.typed.keys() | outcome.quarantined.keys()
        assert outcome.read.rows_read == len(accounted)
        assert outcome.read.rows_quarantined == len(outcome.quarantined)
        assert found.is_certain, "a file was read though nobody can tell its rows apart"
        assert accounted == {record.row for record in found.records}, "rows are lost or made up"
        for record in found.records:
            self._judge_record(found, record, outcome.typed.get(record.row))

    def _judge_record(self, found: Contents, record: Record, typed: dict[str, Any] | None) -> None:
        if record.cells is None or not self._fits(found, record):
            assert typed is None, "a line that is no record was loaded"
            return
        expected = self.typed.get(self._key(found, record))
        if expected is not None:
            assert typed == expected, f"row {record.row} was not touched and has changed"
        elif typed is not None:
            self._judge_values(dict(zip(found.header, record.cells, strict=False)), typed)

    def _judge_values(self, cells: dict[str, str], typed: dict[str, Any]) -> None:
        """A row that is loaded says what its line says."""
        for name, mapping in self.bench.profile.entities[self.bench.contract.entity].columns.items():
            if name not in typed or self.bench.contract.columns[name].privacy:
                continue
            text, value = trimmed(cells[mapping.source_column or ""]), typed[name]
            if mapping.value_map is not None:
                assert value == mapping.value_map.get(text), (name, text, value)
            elif not text:
                assert value is None, (name, value)
            elif isinstance(value, datetime):
                assert value in moments(text, self._zone(cells)), (name, text, value)
            elif isinstance(value, Decimal):
                assert abs(value) == abs(number(text)), (name, text, value)
            elif isinstance(value, str):
                assert value == text, (name, text, value)
            assert (value is None) == (not text), (name, text, value)

    def _zone(self, cells: dict[str, str]) -> str:
        zones = self.bench.profile.time_zone
        return zones.values.get(trimmed(cells.get("Филиал", "")), zones.default)

    def _has_columns(self, found: Contents) -> bool:
        """Whether every column that is read is there, and once: others may have one name."""
        ignored = set(self.bench.profile.entities[self.bench.contract.entity].ignore)
        wanted = set(self.original.header) - ignored
        folded = [name.casefold() for name in found.header]
        return wanted <= set(found.header) and all(folded.count(name.casefold()) == 1 for name in wanted)

    def _may_be_refused(self, found: Contents) -> bool:
        if not found.is_certain or not self._has_columns(found):
            return True
        # A record of several lines that has not the header's columns: a quote is missing somewhere.
        return any(record.lines > 1 and not self._fits(found, record) for record in found.records)

    @staticmethod
    def _fits(found: Contents, record: Record) -> bool:
        """Whether it has as many cells as the header; a delimiter at its end makes no cell."""
        cells = record.cells or ()
        return len(cells) >= len(found.header) and not any(cells[len(found.header) :])

    def _key(self, found: Contents, record: Record) -> tuple[str, ...]:
        cells = dict(zip(found.header, record.cells or (), strict=False))
        return tuple(trimmed(cells.get(name, "")) for name in self.original.header)


def assert_fit_to_show(outcome: Outcome, private: frozenset[str], folder: Path) -> None:
    """What a person reads is a sentence, tells what to do, and gives nothing away."""
    assert all(problem.reason and problem.remedy and problem.file for problem in outcome.problems)
    told = {str(problem) for problem in outcome.problems}
    told |= set(outcome.read.warnings) if outcome.read else set()
    told |= {str(reason) for entries in outcome.quarantined.values() for *_, reason in entries}
    for text in told:
        assert_plain(text, private)
        assert 5 < len(text) < _LONGEST_MESSAGE, text
        assert str(folder) not in text, text
        assert text.isprintable(), repr(text)


def assert_plain(text: str, private: frozenset[str]) -> None:
    """Holds no word that only a programmer understands, no path of the machine, and nothing private."""
    assert not _NOT_FOR_USERS.search(text), text
    shown = [value for value in private if value in text]
    assert not shown, f"{shown} in {text}"


def number(text: str) -> Decimal:
    """A number as the demo writes it; brackets mean negative."""
    return Decimal(re.sub(r"[\s()]", "", text).replace(",", "."))


def moments(text: str, zone: str) -> list[datetime]:
    """The instants that a wall-clock time may mean, in UTC."""
    for form in ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"):
        try:
            local = datetime.strptime(text, form)
        except ValueError:
            continue
        return [local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)]
    return []
