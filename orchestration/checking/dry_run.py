"""Runs a profile on files without a trace: reads every entity, guards it, looks for what a run would complain of."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.contracts import Contract, load_contracts
from models.sources import Profile, inspect_profile
from models.yaml_reader import Problem
from orchestration.checking.batch_queries import column_checks, quarantine_findings, repeated_keys
from orchestration.checking.findings import EntityCheck, Finding, Level, Place, SourceCheck
from orchestration.checking.orphans import find_orphans
from orchestration.checking.staging import stage
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.batches import EntityRead, read_entity
from orchestration.ingest.landing import LandedFile, landed_files
from orchestration.ingest.quoting import parquet_relation
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.profiling.yaml_text import DECIDE

Seen = Callable[[str], None]


@dataclass(frozen=True)
class DryRun:
    """One reading of `days` by `profile` into `store`, below a folder that is thrown away."""

    profile: Profile
    landing: Path
    store: BatchStore
    days: list[date]
    contracts: dict[str, Contract]
    # Pseudonyms of a dry run are nobody's: the key is forgotten with it.
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def paths(self, entity: str) -> list[Path]:
        return self.store.paths(self.profile.source, entity, self.days)


def check_source(path: Path, folder: Path, **options: Any) -> SourceCheck:
    """What a dry run finds; see `dry_run`."""
    with dry_run(path, folder, **options) as (_, check):
        if len(check.days) == 1:
            _without_day(check, check.days[0])
        return check


@contextmanager
def dry_run(
    path: Path,
    folder: Path,
    *,
    day: date | None = None,
    only: str | None = None,
    with_guard: bool = True,
    saw: Seen = lambda _: None,
) -> Iterator[tuple[DryRun, SourceCheck]]:
    """Runs the profile at `path` on the files in `folder`; `only` one entity if it is named. Leaves nothing behind.

    Raises:
        DefinitionError: the profile has a mistake other than a required column that is not mapped yet.
        NothingToCheckError: there are no files of that day.
    """
    profile, unmapped = inspect_profile(path)
    with tempfile.TemporaryDirectory(prefix="triune-check-") as name:
        scratch = Path(name)
        days = stage(folder, profile.source, day, scratch / "landing")
        run = DryRun(profile, scratch / "landing", BatchStore(scratch / "batches"), days, load_contracts())
        check = SourceCheck(profile.source, str(path), days, undecided=_undecided(path), is_draft=profile.draft)
        check.entities = list(_entities(run, scratch, only, saw))
        _add_unmapped(check, unmapped)
        _add_orphans(check, run)
        if with_guard:
            saw("guard")
            _add_guarded(check, run)
        else:
            for found in check.entities:
                found.rows_set_aside += sum(f.rows or 0 for f in found.findings if f.rule == "key_is_unique")
        yield run, check


def _add_guarded(check: SourceCheck, run: DryRun) -> None:
    # Great Expectations takes seconds to import.
    from orchestration.checking.guarding import guard

    read = {entity.entity: run.paths(entity.entity) for entity in check.entities if entity.rows_read}
    required = {name: _required_unmapped(run, name) for name in read}
    for guarded in guard(run.profile.source, run.days, read, required):
        found = _entity(check, guarded.entity)
        found.findings += guarded.findings
        found.rows_set_aside += guarded.rows_to_quarantine


def _entities(run: DryRun, scratch: Path, only: str | None, saw: Seen) -> Iterator[EntityCheck]:
    files, missing = landed_files(run.landing, run.profile, run.days)
    names = [name for name in run.profile.entity_names if only in (None, name)]
    for entity in names:
        saw(entity)
        found = EntityCheck(entity)
        found.findings += [_missing(run, problem) for problem in missing if problem.entity == entity]
        landed = [file for file in files if file.entity == entity]
        read = _read(run, found, landed, scratch)
        if read and read.files:
            _look_into(run, found, read)
        yield found


def _read(run: DryRun, found: EntityCheck, landed: list[LandedFile], scratch: Path) -> EntityRead | None:
    """Reads what can be read: a file that is refused does not hide what the others hold."""
    while landed:
        try:
            return read_entity(landed, run.contracts[found.entity], run.store, scratch, run.key)
        except ExportRefused as refused:
            found.findings += [_refused(problem) for problem in refused.problems]
            at_fault = {(problem.day, problem.file) for problem in refused.problems}
            left = [file for file in landed if (file.day, file.name) not in at_fault]
            # A problem of a look-up names another file: without it nothing can be read.
            landed = left if len(left) < len(landed) else []
    return None


def _look_into(run: DryRun, found: EntityCheck, read: EntityRead) -> None:
    contract, source = run.contracts[found.entity], run.profile.source
    mapping = next(
        part.profile.entities[found.entity]
        for part in run.profile.parts(run.days[-1])
        if found.entity in part.profile.entities
    )
    found.files = [count.file for count in read.files]
    found.rows_read = read.rows_read
    found.rows_set_aside = read.rows_quarantined
    found.unmapped = [name for name in contract.columns if name not in mapping.columns]
    found.unused = list(dict.fromkeys(name for names in read.unknown_columns.values() for name in names))
    if found.unused:
        listed = ", ".join(f"'{name}'" for name in found.unused)
        message = f"columns neither mapped nor ignored: {listed}"
        found.findings.append(Finding(found.entity, Level.WARNED, "unknown_columns", message))
    with duckdb.connect() as connection:
        quarantined = run.store.quarantine_paths(source, found.entity, run.days)
        found.findings += quarantine_findings(connection, found.entity, quarantined)
        if paths := run.paths(found.entity):
            found.columns = column_checks(connection, contract, mapping, parquet_relation(paths))
            found.findings += repeated_keys(connection, contract, parquet_relation(paths))


def _add_orphans(check: SourceCheck, run: DryRun) -> None:
    """References to what the export does not hold, of any kind."""
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        for name, contract in run.contracts.items():
            if paths := run.paths(name):
                connection.execute(f"create view raw.{name} as from {parquet_relation(paths)}")
            else:
                stored = {**contract.stored_columns, "_source": "varchar", "_export_date": "date", "_file": "varchar"}
                columns = ", ".join(f"{column} {kind}" for column, kind in stored.items())
                connection.execute(f"create table raw.{name} ({columns}, _row bigint)")
        for orphans in find_orphans(connection, run.contracts, run.profile, run.days[0], run.days[-1]):
            if not run.paths(orphans.target):
                continue
            message = f"names {orphans.target} that this export does not hold"
            place = (Place(orphans.file, orphans.row),)
            _entity(check, orphans.entity).findings.append(
                Finding(orphans.entity, Level.WARNED, "orphan", message, orphans.column, orphans.rows, place)
            )


def _add_unmapped(check: SourceCheck, unmapped: list[Problem]) -> None:
    """Required columns that the profile does not map: a run would refuse it."""
    for problem in unmapped:
        entity = problem.key.split(".")[-2]
        if any(found.entity == entity for found in check.entities):
            message = f"{problem.message} (line {problem.line} of the profile)"
            _entity(check, entity).findings.insert(0, Finding(entity, Level.REFUSED, "required_column", message))


def _required_unmapped(run: DryRun, entity: str) -> set[str]:
    mapped = {
        name
        for part in run.profile.parts(run.days[-1])
        if entity in part.profile.entities
        for name in part.profile.entities[entity].columns
    }
    return {name for name, column in run.contracts[entity].columns.items() if column.required and name not in mapped}


def _entity(check: SourceCheck, name: str) -> EntityCheck:
    found = next((entity for entity in check.entities if entity.entity == name), None)
    if found is None:
        check.entities.append(found := EntityCheck(name))
    return found


def _refused(problem: FileProblem) -> Finding:
    place = (Place(problem.file, problem.row),)
    return Finding(problem.entity, Level.REFUSED, "file_refused", f"{problem.reason}. {problem.remedy}", places=place)


def _missing(run: DryRun, problem: FileProblem) -> Finding:
    """A file that is not there, looked for in the folder that was named and not in the one that is thrown away."""
    staged = run.landing / problem.source / str(problem.day)
    return _refused(replace(problem, remedy=problem.remedy.replace(str(staged), str(staged.resolve()))))


def _undecided(path: Path) -> list[int]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if f"# {DECIDE}:" in line]


def _without_day(check: SourceCheck, day: date) -> None:
    """Of a single day its name before every file tells nothing."""
    for entity in check.entities:
        entity.files = [file.removeprefix(f"{day}/") for file in entity.files]
        entity.findings = [_short(finding, f"{day}/") for finding in entity.findings]


def _short(finding: Finding, prefix: str) -> Finding:
    places = tuple(Place(at.file.removeprefix(prefix), at.row, at.value) for at in finding.places)
    return Finding(finding.entity, finding.level, finding.rule, finding.message, finding.column, finding.rows, places)
