"""Definitions of a home of their own, built once: dbt parses the project for them."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from home_case import settings_in

from orchestration.definitions import build_definitions, load_workspace
from orchestration.resources import Workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return load_workspace(settings_in(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def definitions(workspace: Workspace) -> dg.Definitions:
    return build_definitions(workspace)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance
