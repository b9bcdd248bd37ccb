"""One export of a made-up MIS, and the profile drafted from it, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from other_mis import write_export

from orchestration.profiling.draft import Draft, draft_source
from orchestration.profiling.write import draft_text

SCHEMA = "../schemas/source.schema.json"


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("exports") / "other")


@pytest.fixture(scope="session")
def draft(export: Path) -> Draft:
    return draft_source("other", export)


@pytest.fixture(scope="session")
def profile(draft: Draft, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft as a file."""
    path = tmp_path_factory.mktemp("profiles") / "other.yaml"
    path.write_text(draft_text(draft, SCHEMA), encoding="utf-8")
    return path
