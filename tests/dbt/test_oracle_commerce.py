"""Every cell of the commerce marts and of the acquisition policies is what the oracle works out, to the kopeck."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from oracle.commerce import Commerce, Figures, Row, Scope, Switches
from oracle.computed import all_figures
from oracle.policies import Policies
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

CATALOGUE = load_catalogue()
TABLES = {
    "dimensions": ["dim_clinic", "dim_employee_history", "dim_resource_history"],
    "facts": [
        *("fct_appointments", "fct_invoices", "fct_leads", "fct_marketing_spend", "fct_payment_allocations"),
        *("fct_room_hours", "fct_service_lines"),
    ],
    "staging": ["stg_patients"],
}
MODELS = [
    *("fct_revenues", "int_lines__earned"),
    *("int_patient_days__served", "int_patient_periods__served", "int_active_bases__counted"),
    *("mart_commerce__tree", "mart_commerce__channels", "mart_triune__policies"),
]
SWITCHES = [
    Switches(),
    # The history is too short for 18 months to pass in it.
    Switches(primary_scope="network", primary_dormancy_months=2, active_base_months=3, revenue_clock="invoiced"),
    Switches(primary_scope="specialty", active_base_months=1, revenue_clock="paid"),
]


@pytest.fixture(scope="module", params=SWITCHES, ids=lambda switches: switches.primary_scope)
def switched(
    request: pytest.FixtureRequest, history: Built, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Switches, RawWarehouse]:
    """The history, its marts built with other switches than the default ones."""
    switches: Switches = request.param
    if switches == Switches():
        return switches, history.warehouse
    copy = tmp_path_factory.mktemp("switched") / "warehouse.duckdb"
    shutil.copy(history.warehouse.path, copy)
    given = ", ".join(f"{name}: {value}" for name, value in asdict(switches).items())
    history.dbt.must(copy, "run", "--select", *MODELS, "--vars", f"{{{given}}}")
    return switches, RawWarehouse(copy, is_new=False)


@pytest.fixture(scope="module")
def tables(history: Built) -> dict[str, list[Row]]:
    return {name: history.warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}


@pytest.fixture(scope="module")
def oracle(switched: tuple[Switches, RawWarehouse], tables: dict[str, list[Row]]) -> Commerce:
    return Commerce(tables, switched[0])


def scope_of(row: Row) -> Scope:
    return (
        row["scope_kind"], row["source_id"], row["currency"], row["clinic_id"], row["specialty"], row["employee_id"],
    )  # fmt: skip


def differences(mart: str, row: Row, measured: Figures) -> dict[str, tuple[Any, Decimal | None]]:
    """Metric → (mart, oracle), where they differ."""
    figures = all_figures(measured, CATALOGUE.metrics_of(mart))
    return {name: (row[name], figure) for name, figure in figures.items() if row[name] != figure}


def test_the_tree(switched: tuple[Switches, RawWarehouse], oracle: Commerce) -> None:
    rows = switched[1].rows("marts.mart_commerce__tree")
    wrong = {}
    for row in rows:
        measured = oracle.tree(scope_of(row), row["period_start"], row["period_end"])
        if found := differences("mart_commerce__tree", row, measured):
            wrong[row["scope_id"], row["period_kind"], row["period_start"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    # Whatever was done is in a row of the mart.
    assert {scope_of(row) for row in rows} >= oracle.scopes.keys()
    days = [row for row in rows if (row["scope_kind"], row["period_kind"]) == ("clinic", "day")]
    assert sum(row["revenue_amount"] for row in days) == sum(line["money"] for line in oracle.lines)
    told = [row for row in rows if row["period_kind"] == "month"]
    met = ["returned_patients", "primary_patients_from_leads", "complaint_direct_cost_amount", "first_bookings_due"]
    if switched[0].active_base_months < 18:
        met += ["reactivated_patients", "transferred_patients"]
    assert [name for name in met if not any(row[name] for row in told)] == []


def test_the_channels(switched: tuple[Switches, RawWarehouse], oracle: Commerce) -> None:
    rows = switched[1].rows("marts.mart_commerce__channels")
    wrong = {}
    for row in rows:
        measured = oracle.channel_figures(scope_of(row), row["channel"], row["period_start"], row["period_end"])
        if found := differences("mart_commerce__channels", row, measured):
            wrong[row["scope_id"], row["channel"], row["period_kind"], row["period_start"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    places = [scope for scope in oracle.scopes if scope[0] in ("network", "clinic")]
    assert {(scope_of(row), row["channel"]) for row in rows} == {
        (scope, channel) for scope in places for channel in oracle.channels(scope)
    }


def test_the_policies(switched: tuple[Switches, RawWarehouse], oracle: Commerce, tables: dict[str, list[Row]]) -> None:
    policies = Policies(tables, oracle)
    shown = {
        (scope_of(row), row["period_kind"], row["period_start"], row["channel"], row["patient_kind"]): row
        for row in switched[1].rows("marts.mart_triune__policies")
    }
    expected = {
        (scope_of(row), row["period_kind"], row["period_start"], *policy): measured
        for row in switched[1].rows("intermediate.int_scope_periods")
        if row["scope_kind"] in ("network", "clinic") and row["period_kind"] in ("month", "quarter", "year")
        for policy, measured in policies.figures(scope_of(row), row["period_start"], row["period_end"]).items()
    }
    assert shown.keys() == expected.keys()
    wrong = {key: found for key in shown if (found := differences("mart_triune__policies", shown[key], expected[key]))}
    assert dict(list(wrong.items())[:5]) == {}
