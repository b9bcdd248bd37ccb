"""One dbt pass over every golden case and the random clinics; all tests of this folder read its result."""

from __future__ import annotations

import pytest
from pay_warehouse import Computed, Inputs, run_dbt, write_warehouse
from random_clinics import random_inputs, random_schemes
from scheme_cases import load_cases


@pytest.fixture(scope="session")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    folder = tmp_path_factory.mktemp("pay")
    cases, random = load_cases(), random_inputs(seed=20260110, count=600)
    inputs = [case.inputs for case in cases] + [random]
    together = Inputs(
        lines=[line for one in inputs for line in one.lines],
        performers=[performer for one in inputs for performer in one.performers],
        norm_costs={service: cost for one in inputs for service, cost in one.norm_costs.items()},
        clinics={clinic: currency for one in inputs for clinic, currency in one.clinics.items()},
    )
    warehouse = folder / "warehouse.duckdb"
    write_warehouse(warehouse, together, [case.scheme for case in cases] + random_schemes())
    result = run_dbt("build", warehouse, folder / "target")
    assert result.returncode == 0, result.stdout + result.stderr
    return Computed(warehouse, folder / "target", random)
