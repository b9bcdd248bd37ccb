"""One dbt build over every golden case of the KPI."""

from __future__ import annotations

from pathlib import Path

import pytest
from kpi_cases import load_cases
from kpi_warehouse import build, write_warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kpi")
    path = folder / "warehouse.duckdb"
    write_warehouse(path, load_cases())
    build(path, folder / "target")
    return path
