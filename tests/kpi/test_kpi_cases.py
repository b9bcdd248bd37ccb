"""Every golden case of the KPI comes out as its file says, to the last digit."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from kpi_cases import Case, Expected, load_cases

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number}-{case.name}" for case in CASES])
def test_comes_out_as_the_case_says(warehouse: Path, case: Case) -> None:
    found = [(expected.keys, _found(warehouse, expected)) for expected in case.expected]
    assert found == [(expected.keys, expected.figures) for expected in case.expected], case.says


def test_every_kpi_has_a_file_of_cases_and_every_case_a_name_of_its_own() -> None:
    assert {case.number for case in CASES} == set(range(1, 34))
    assert len({case.name for case in CASES}) == len(CASES)


def _found(warehouse: Path, expected: Expected) -> dict[str, object] | None:
    """The same figures of the mart; None if it has no such row."""
    keys = " and ".join(f"{key} = ?" for key in expected.keys)
    sql = f"select {', '.join(expected.figures)} from marts.{expected.mart} where {keys}"
    with duckdb.connect(warehouse, read_only=True) as connection:
        row = connection.execute(sql, list(expected.keys.values())).fetchone()
    return dict(zip(expected.figures, row, strict=True)) if row else None
