"""Homes that several tests look at. Each is run once per session, so a file of tests is to stay on one worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from exports import DAY, ENTITIES, DayOfFiles
from homes import CopyHome, Home, NewHome, make_home
from postgres_server import PostgresServer, postgres_programs, running_postgres

from models.contracts import load_contracts
from models.sources import SOURCES_DIR, Profile, load_profile
from orchestration.demo import DemoSummary, generate_demo


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> NewHome:
    """Makes an empty home. All of them share the key of the pseudonyms, so that their patients can be compared.

    They share the parsed dbt project, too: a home parses it before its first run, which takes longer than the run.
    """
    key_file = tmp_path_factory.mktemp("secrets") / "patient.key"
    key_file.write_text("0123456789abcdef" * 4)
    parsed = make_home(tmp_path_factory.mktemp("parsed"), key_file).parse_dbt_project()

    def make(name: str, *profiles: Profile) -> Home:
        home = make_home(tmp_path_factory.mktemp(name), key_file, *profiles)
        shutil.copytree(parsed, home.workspace.settings.dbt_target)
        return home

    return make


@pytest.fixture(scope="session")
def copy_home(tmp_path_factory: pytest.TempPathFactory) -> CopyHome:
    """A home as it is now, at another place: what is done to the copy does not touch the original."""

    def copy(home: Home, name: str) -> Home:
        path = tmp_path_factory.mktemp(name) / "home"
        shutil.copytree(home.path, path, symlinks=True)
        return make_home(path, home.workspace.settings.patient_key_file)

    return copy


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    """Two clinics in two time zones, the second a sanatorium; a month of export days in two calendar months."""
    return generate_demo(tmp_path_factory.mktemp("landing") / "demo_mis", clinics=2, months=1, start=date(2026, 1, 20))


@pytest.fixture
def day(demo: DemoSummary, tmp_path: Path) -> DayOfFiles:
    """One day without a fault, as files: every test spoils it in its own way."""
    profile = load_profile(SOURCES_DIR / "demo_mis.yaml")
    profile = profile.model_copy(update={"entities": {name: profile.entities[name] for name in ENTITIES}})
    files = DayOfFiles(tmp_path, profile, load_contracts(), date.fromisoformat(DAY))
    files.copy_from(demo.out / DAY)
    return files


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server."""
    pytest.importorskip("psycopg", reason="needs PostgreSQL's driver: pip install 'psycopg[binary]'")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("needs the programs of a PostgreSQL server (initdb, pg_ctl): apt-get install postgresql")
    with running_postgres(programs) as server:
        yield server
