"""Builds of dbt that tests share: the tricky clinics, worked out on paper, and the long history, for the oracles.

Treat them as read-only; copy the file to change it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import long_history
import pytest
import tricky_clinics
from dbt_cli import WITHOUT_PAY, Dbt
from filelock import FileLock
from raw_warehouse import RawWarehouse
from tricky_build import Built


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built(tmp_path_factory, "tricky", tricky_clinics.load)


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built(tmp_path_factory, "history", long_history.load, "--exclude-resource-type", "unit_test")


def _built(factory: pytest.TempPathFactory, name: str, load: Callable[[RawWarehouse], None], *arguments: str) -> Built:
    """The first worker that asks builds it; each has a copy of its own."""
    base = factory.getbasetemp()
    # pytest-xdist gives each worker a folder below that of the run.
    shared = (base.parent if base.name.startswith("popen-") else base) / f"dbt-{name}"
    shared.mkdir(exist_ok=True)
    with FileLock(shared / "lock"):
        if not (shared / "done").exists():
            warehouse = RawWarehouse(shared / "warehouse.duckdb")
            load(warehouse)
            Dbt(shared / "target").must(warehouse.path, "build", *WITHOUT_PAY, *arguments)
            (shared / "done").touch()
    own = factory.mktemp(f"dbt-{name}")
    shutil.copy(shared / "warehouse.duckdb", own)
    shutil.copytree(shared / "target", own / "target", symlinks=True)
    dbt = Dbt(own / "target")
    return Built(RawWarehouse(own / "warehouse.duckdb", is_new=False), dbt, dbt.manifest())
