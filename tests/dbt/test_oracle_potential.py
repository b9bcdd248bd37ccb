"""Every cell of the marts of sales potential is what the oracle works out, to the kopeck."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import Any

import pytest
from oracle.computed import all_figures
from oracle.plans import Row
from oracle.potential import Figures, Potential, Scope
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

CATALOGUE = load_catalogue()
TABLES = {
    "dimensions": ["dim_employee_history", "dim_service"],
    "facts": [
        *("fct_appointments", "fct_invoices", "fct_payment_allocations", "fct_plan_items", "fct_plans"),
        *("fct_service_lines", "fct_shifts"),
    ],
    "ops": ["export_days"],
}


MODELS = ("fct_revenues", "int_lines__earned", "mart_potential__tree", "mart_potential__cohorts")


@pytest.fixture(scope="module")
def tables(history: Built) -> dict[str, list[Row]]:
    return {name: history.warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}


@pytest.fixture(scope="module")
def oracle(tables: dict[str, list[Row]]) -> Potential:
    return Potential(tables)


@pytest.fixture(scope="module")
def invoiced(history: Built, tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    copy = tmp_path_factory.mktemp("invoiced") / "warehouse.duckdb"
    shutil.copy(history.warehouse.path, copy)
    history.dbt.must(copy, "run", "--select", *MODELS, "--vars", "{revenue_clock: invoiced}")
    return RawWarehouse(copy, is_new=False)


def scope_of(row: Row) -> Scope:
    return (
        row["scope_kind"], row["source_id"], row["currency"], row["clinic_id"], row["specialty"], row["employee_id"],
    )  # fmt: skip


def differences(mart: str, row: Row, measured: Figures) -> dict[str, tuple[Any, Decimal | None]]:
    """Metric → (mart, oracle), where they differ."""
    figures = all_figures(measured, CATALOGUE.metrics_of(mart))
    return {name: (row[name], figure) for name, figure in figures.items() if row[name] != figure}


def test_the_tree(history: Built, oracle: Potential) -> None:
    the_tree(history.warehouse, oracle)


def test_the_tree_by_the_clock_of_invoices(invoiced: RawWarehouse, tables: dict[str, list[Row]]) -> None:
    the_tree(invoiced, Potential(tables, "invoiced"))


def the_tree(warehouse: RawWarehouse, oracle: Potential) -> None:
    rows = warehouse.rows("marts.mart_potential__tree")
    wrong = {}
    for row in rows:
        measured = oracle.tree(scope_of(row), row["period_start"], row["period_end"])
        if found := differences("mart_potential__tree", row, measured):
            wrong[row["scope_id"], row["period_kind"], row["period_start"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    # Whatever was done is in a row of the mart, and everything has been met.
    assert {scope_of(row) for row in rows} >= oracle.lines.keys() | oracle.plans.keys() | oracle.visits.keys()
    year = [row for row in rows if (row["scope_kind"], row["period_kind"]) == ("network", "year")]
    assert [name for name in CATALOGUE.metrics_of("mart_potential__tree") if not any(row[name] for row in year)] == []


def test_the_cohorts(history: Built, oracle: Potential) -> None:
    the_cohorts(history.warehouse, oracle)


def test_the_cohorts_by_the_clock_of_invoices(invoiced: RawWarehouse, tables: dict[str, list[Row]]) -> None:
    the_cohorts(invoiced, Potential(tables, "invoiced"))


def the_cohorts(warehouse: RawWarehouse, oracle: Potential) -> None:
    shown = {
        (scope_of(row), row["presented_month"], row["period_start"]): row
        for row in warehouse.rows("marts.mart_potential__cohorts")
    }
    expected = oracle.cohorts()
    assert shown.keys() == expected.keys()
    wrong = {
        key: found for key in shown if (found := differences("mart_potential__cohorts", shown[key], expected[key]))
    }
    assert dict(list(wrong.items())[:5]) == {}


def test_the_opportunities(history: Built, oracle: Potential) -> None:
    shown = {row["plan_item_id"]: row for row in history.warehouse.rows("marts.mart_potential__opportunities")}
    expected = oracle.opportunities()
    assert shown.keys() == expected.keys()
    keys = ("clinic_id", "specialty", "employee_id", "currency", "resource_id", "likelihood_scope_kind")
    wrong = {
        item: found
        for item, row in shown.items()
        if (
            found := differences("mart_potential__opportunities", row, expected[item])
            | {key: (row[key], expected[item][key]) for key in keys if row[key] != expected[item][key]}
        )
    }
    assert dict(list(wrong.items())[:5]) == {}
    assert len({row["likelihood_scope_kind"] for row in shown.values()}) > 1
