"""Homes that several tests look at. Each is run once per session; a scenario stays on one worker of pytest-xdist."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from article_export import DAY, PROFILE, SOURCE, write_article
from homes import Home, make_home

from models.sources import Profile
from orchestration.demo import DemoSummary, generate_demo

NewHome = Callable[..., Home]
CopyHome = Callable[[Home, str], Home]
LandDemo = Callable[[Home, int], list[str]]


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> NewHome:
    """Makes an empty home. All of them share the key of the pseudonyms, so that their patients can be compared."""
    key_file = tmp_path_factory.mktemp("secrets") / "patient.key"
    key_file.write_text("0123456789abcdef" * 4)

    def make(name: str, *profiles: Profile) -> Home:
        return make_home(tmp_path_factory.mktemp(name), key_file, *profiles)

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
    """Two clinics in two time zones, the second a sanatorium; January and February."""
    return generate_demo(tmp_path_factory.mktemp("landing") / "demo_mis", clinics=2, months=2)


@pytest.fixture(scope="session")
def land_demo(demo: DemoSummary) -> LandDemo:
    """Copies the first days of the demo into a home."""

    def land(home: Home, days: int) -> list[str]:
        folders = sorted(folder for folder in demo.out.iterdir() if folder.is_dir())[:days]
        for folder in folders:
            shutil.copytree(folder, home.landing / "demo_mis" / folder.name)
        return [folder.name for folder in folders]

    return land


@pytest.fixture(scope="session")
def article(new_home: NewHome) -> Home:
    """The worked example of the article; the smallest home with published marts."""
    home = new_home("article", PROFILE)
    write_article(home.landing)
    outcome = home.run(SOURCE, DAY)
    assert outcome.succeeded, outcome.messages
    return home
