"""References to what no export has delivered: counted by column, with the first one placed, gone once it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from load_case import CONTRACTS, DAY1, DAY2, DAY3, Loader, line

from orchestration.ingest.orphans import Orphans, find_orphans


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def lines(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Loader:
    return Loader(tmp_path, connection)


def _orphans(loader: Loader, source: str = "demo_mis") -> list[Orphans]:
    return find_orphans(loader.connection, CONTRACTS, loader.profile(source), DAY2, DAY3)


def _load(loader: Loader, entity: str, *keys: str, source: str = "demo_mis") -> None:
    other = Loader(loader.folder, loader.connection, entity)
    other.load({DAY1: [{other.contract.key[0]: key} for key in keys]}, source)


def test_rows_of_the_days_asked_for_are_counted_by_column_and_the_first_is_named(lines: Loader) -> None:
    _load(lines, "clinics", "K1")
    _load(lines, "services", "S1")
    rows = [line("L1", service_id="S1"), line("L2", service_id="S2"), line("L3", service_id="S3", resource_id="R1")]
    lines.load({DAY1: [line("L0", service_id="S0")], DAY2: rows})
    file = f"{DAY2}/service_lines.csv"
    assert _orphans(lines) == [
        Orphans("service_lines", "service_id", "services", 2, file, 3),
        Orphans("service_lines", "resource_id", "resources", 1, file, 4),
    ]
    _load(lines, "services", "S1", "S2", "S3")
    assert [orphans.column for orphans in _orphans(lines)] == ["resource_id"]


def test_what_another_source_delivers_is_not_this_one_s(lines: Loader) -> None:
    _load(lines, "clinics", "K1")
    _load(lines, "services", "S1", source="synthea")
    lines.load({DAY2: [line("L1", service_id="S1")]})
    assert [orphans.target for orphans in _orphans(lines)] == ["services"]


def test_a_source_that_does_not_deliver_an_entity_has_no_orphans_of_it(lines: Loader) -> None:
    lines.load({DAY2: [line("L1", resource_id="R1")]}, "synthea")
    assert "resources" not in [orphans.target for orphans in _orphans(lines, "synthea")]
