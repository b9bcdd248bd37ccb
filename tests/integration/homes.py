"""A home of the pipeline for tests: how it is run, what is read back from it, how states are compared. No tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from models.sources import Profile
from orchestration.dbt_project import dbt_project
from orchestration.definitions import load_workspace
from orchestration.publish.snapshot import MARTS_FILE, PARQUET_LINK
from orchestration.resources import NoObserver, Workspace
from orchestration.running import RunOutcome, run_days
from orchestration.settings import REPO_ROOT, load_settings, prepare_process

# Layers whose rows must not depend on how often, and in which pieces, the days were run.
COMPARED_SCHEMAS = ("raw", "staging", "intermediate", "facts", "dimensions", "marts", "incentives")
# What a second load of the same file may change.
_LOAD_COLUMNS = ("_load_id", "loaded_at")
# The entries of a ledger without who posted them and when.
_LEDGER = "select * exclude (last_posted_at, entries) from balances where balance_amount <> 0"

Rows = list[tuple[Any, ...]]
State = dict[str, tuple[int, int]]  # table → rows, checksum


@dataclass(frozen=True)
class Home:
    """One TRIUNE_HOME."""

    workspace: Workspace

    @property
    def path(self) -> Path:
        return self.workspace.settings.home

    @property
    def landing(self) -> Path:
        return self.workspace.settings.landing

    @property
    def marts(self) -> Path:
        return self.workspace.settings.published / MARTS_FILE

    @property
    def parquet(self) -> Path:
        return self.workspace.settings.published / PARQUET_LINK

    def parse_dbt_project(self) -> Path:
        """The folder with the manifest, as a run makes it."""
        with patch.dict(os.environ):
            prepare_process(self.workspace.settings)
            dbt_project(self.workspace.settings)
        return self.workspace.settings.dbt_target

    def run(self, source: str, first: str, last: str | None = None) -> RunOutcome:
        """The day job in this process, as the command line runs it."""
        with patch.dict(os.environ):
            prepare_process(self.workspace.settings)
            days = date.fromisoformat(first), date.fromisoformat(last or first)
            return run_days(self.workspace, source, *days, NoObserver())

    def command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("triune")), *arguments]

    def environment(self) -> dict[str, str]:
        settings = self.workspace.settings
        ours = {"TRIUNE_HOME": str(settings.home), "TRIUNE_PATIENT_KEY_FILE": str(settings.patient_key_file)}
        return os.environ | ours | {"PYTHONUNBUFFERED": "1"}

    def triune(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`triune …` as a process of its own."""
        return subprocess.run(
            self.command(*arguments),
            cwd=REPO_ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def published(self, query: str, *parameters: Any) -> Rows:
        """Rows from what BI tools open."""
        return _query(self.marts, query, *parameters)

    def warehouse(self, query: str, *parameters: Any) -> Rows:
        return _query(self.workspace.settings.warehouse, query, *parameters)

    def ledger(self, query: str, *parameters: Any) -> Rows:
        return _query(self.workspace.settings.ledger, query, *parameters)

    def state(self) -> State:
        """Everything that must not change when days are run again: checksums of rows, whatever their order."""
        return {
            **table_checksums(self.marts, ("main",)),
            **self.warehouse_state(),
            "ledger balances": _checksum(self.workspace.settings.ledger, _LEDGER),
        }

    def warehouse_state(self) -> State:
        warehouse = self.workspace.settings.warehouse
        log = f"select * exclude ({', '.join(_LOAD_COLUMNS)}) from ops.load_log"
        return {
            **table_checksums(warehouse, COMPARED_SCHEMAS),
            "ops.quarantine": _checksum(warehouse, "select * from ops.quarantine"),
            "ops.load_log": _checksum(warehouse, log),
        }

    def ledger_entries(self) -> Rows:
        return self.ledger("select * from entries order by entry_id")


def make_home(path: Path, patient_key_file: Path, *profiles: Profile) -> Home:
    """An empty home; with `profiles` in place of those of the repository, if any are given."""
    settings = load_settings({"TRIUNE_HOME": str(path), "TRIUNE_PATIENT_KEY_FILE": str(patient_key_file)})
    workspace = load_workspace(settings)
    if profiles:
        workspace = replace(workspace, profiles={profile.source: profile for profile in profiles})
    return Home(workspace)


def link_files(folder: Path, *files: Path) -> None:
    """Puts files that are elsewhere into a landing folder."""
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.name).symlink_to(file)


def land_demo(home: Home, demo: Path, days: int | None = None) -> list[str]:
    """Copies the first days of a demo (all of them, if `days` is not given) into a home; returns the days."""
    folders = sorted(folder for folder in demo.iterdir() if folder.is_dir())[:days]
    for folder in folders:
        shutil.copytree(folder, home.landing / "demo_mis" / folder.name)
    return [folder.name for folder in folders]


def table_checksums(database: Path, schemas: tuple[str, ...]) -> State:
    """`schema.table` → rows and checksum, of tables and views; the loader's own columns are left out."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            """
            select table_schema, table_name, list(column_name) from information_schema.columns
            where table_catalog = current_database() and table_schema in (select unnest(?))
            group by all order by all
            """,
            [list(schemas)],
        ).fetchall()
    checksums = {}
    for schema, table, columns in tables:
        left_out = [name for name in _LOAD_COLUMNS if name in columns]
        rest = f" exclude ({', '.join(left_out)})" if left_out else ""
        checksums[f"{schema}.{table}"] = _checksum(database, f"select *{rest} from {schema}.{table}")
    return checksums


def changes(before: State, after: State) -> dict[str, tuple[Any, Any]]:
    """Table → both states, where they differ. Empty: nothing changed."""
    names = before.keys() | after.keys()
    return {name: (before.get(name), after.get(name)) for name in sorted(names) if before.get(name) != after.get(name)}


def _checksum(database: Path, query: str) -> tuple[int, int]:
    # Added up, so that the order of rows does not matter and a repeated row does.
    return _query(database, f"select count(*), coalesce(sum(hash(rows)::hugeint), 0)::hugeint from ({query}) as rows")[
        0
    ]


def _query(database: Path, query: str, *parameters: Any) -> Rows:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query, list(parameters)).fetchall()


NewHome = Callable[..., Home]
CopyHome = Callable[[Home, str], Home]
