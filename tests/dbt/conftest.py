"""One dbt build of the tricky clinics, shared by all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import tricky_clinics
from dbt_cli import WITHOUT_PAY, Dbt
from raw_warehouse import RawWarehouse
from tricky_build import Built


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Treat as read-only; copy the file to change it."""
    folder: Path = tmp_path_factory.mktemp("dbt")
    warehouse = RawWarehouse(folder / "warehouse.duckdb")
    tricky_clinics.load(warehouse)
    dbt = Dbt(folder / "target")
    dbt.must(warehouse.path, "build", *WITHOUT_PAY)
    return Built(warehouse, dbt, dbt.manifest())
