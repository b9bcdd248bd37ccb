"""Every cell of the marts by clinic and day, and by resource and day, is what the oracles of the trees work out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from oracle.clinic_days import finance_days, three_forms
from oracle.commerce import Commerce, Switches
from oracle.computed import all_figures
from oracle.potential import Potential
from oracle.scopes import Zeros
from oracle.utilisation import Utilisation
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metric_terms import Unit
from models.metrics import load_catalogue

Row = dict[str, Any]
Measure = Callable[[Row], dict[str, Any]]
CATALOGUE = load_catalogue()
TABLES = {
    "dimensions": ["dim_clinic", "dim_employee_history", "dim_resource", "dim_resource_history", "dim_service"],
    "facts": [
        *("fct_appointments", "fct_invoices", "fct_leads", "fct_marketing_spend", "fct_openings", "fct_payments"),
        *("fct_payment_allocations", "fct_plan_items", "fct_plans", "fct_room_hours", "fct_service_lines"),
        *("fct_shifts", "fct_slots"),
    ],
    "ops": ["export_days"],
    "staging": ["stg_patients"],
}


# What the history lacks: a timetable, calendar rules in place of hours, and money that goes back.
UNMET = {
    "utilisation": {
        *("slots_offered", "slots_booked", "slot_fill_rate", "assumed_room_seconds", "assumed_shift_seconds"),
    },
    "finance": {"refunds", "refunds_amount", "chargebacks", "chargebacks_amount"},
}


@pytest.fixture(scope="module")
def tables(history: Built) -> dict[str, list[Row]]:
    return {name: history.warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}


@pytest.fixture(scope="module")
def utilisation(tables: dict[str, list[Row]]) -> Utilisation:
    return Utilisation(tables, "room", "performed")


@pytest.fixture(scope="module")
def measures(tables: dict[str, list[Row]], utilisation: Utilisation) -> dict[str, Measure]:
    """Domain → what its oracle measures of a clinic and day."""
    commerce, potential, finance = Commerce(tables, Switches()), Potential(tables), finance_days(tables)

    def scope_of(row: Row, others: int) -> tuple[Any, ...]:
        return ("clinic", row["source_id"], row["currency"], row["clinic_id"], *[None] * others)

    def money(row: Row) -> dict[str, Any]:
        return Zeros(finance.get(key_of(row), {}))

    def forms(row: Row) -> dict[str, Any]:
        return three_forms(money(row)["net_revenue_amount"], {form: trees[form](row) for form in trees})

    trees: dict[str, Measure] = {
        "commerce": lambda row: commerce.tree(scope_of(row, 2), row["local_date"], row["local_date"]),
        "utilisation": lambda row: utilisation.tree(scope_of(row, 3), row["local_date"], row["local_date"]),
        "potential": lambda row: potential.tree(scope_of(row, 2), row["local_date"], row["local_date"]),
    }
    return {**trees, "finance": money, "triune": forms}


def key_of(row: Row) -> tuple[str, date]:
    return row["clinic_id"], row["local_date"]


def differences(mart: str, row: Row, measured: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Metric → (mart, oracle), where they differ."""
    metrics = CATALOGUE.metrics_of(mart)
    flags = {name: measured[name] for name, metric in metrics.items() if metric.unit is Unit.FLAG}
    rest = {name: metric for name, metric in metrics.items() if name not in flags}
    figures = flags | all_figures(measured, rest)
    assert figures.keys() | {"clinic_id", "resource_id", "source_id", "currency", "local_date"} >= row.keys()
    return {name: (row[name], figure) for name, figure in figures.items() if row[name] != figure}


@pytest.mark.parametrize("domain", ["commerce", "utilisation", "potential", "finance", "triune"])
def test_every_cell_of_a_clinic_and_day(
    history: Built, tables: dict[str, list[Row]], measures: dict[str, Measure], domain: str
) -> None:
    mart = f"mart_{domain}__clinic_day"
    rows = history.warehouse.rows(f"marts.{mart}")
    wrong = {key_of(row): found for row in rows if (found := differences(mart, row, measures[domain](row)))}
    assert dict(list(wrong.items())[:5]) == {}
    clinics = {row["clinic_id"]: (row["source_id"], row["currency"]) for row in tables["dim_clinic"]}
    assert {row["clinic_id"]: (row["source_id"], row["currency"]) for row in rows} == clinics
    # Whatever was done is in a row of the mart, and every column says something.
    done = [row for name in ("fct_service_lines", "fct_payments", "fct_invoices", "fct_shifts") for row in tables[name]]
    assert {key_of(row) for row in rows} >= {key_of(row) for row in done}
    assert {name for name in CATALOGUE.metrics_of(mart) if not any(row[name] for row in rows)} == UNMET.get(
        domain, set()
    )


def test_money_that_goes_back_is_of_its_kind(
    history: Built, tables: dict[str, list[Row]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The long history gives no money back; here some of its payments do."""
    mart = "mart_finance__clinic_day"
    copy = RawWarehouse(tmp_path_factory.mktemp("till") / "warehouse.duckdb", is_new=False)
    shutil.copy(history.warehouse.path, copy.path)
    with copy.connect() as connection:
        for part, kind in enumerate(("refund", "chargeback")):
            connection.execute(
                "update facts.fct_payments set payment_kind = ?, payment_amount = -payment_amount"
                " where hash(payment_id) % 7 = ?",
                [kind, part],
            )
    history.dbt.must(copy.path, "run", "--select", mart)
    days = finance_days(tables | {"fct_payments": copy.rows("facts.fct_payments")})
    rows = copy.rows(f"marts.{mart}")
    wrong = {key_of(row): found for row in rows if (found := differences(mart, row, Zeros(days.get(key_of(row), {}))))}
    assert dict(list(wrong.items())[:5]) == {}
    assert [name for name in UNMET["finance"] if not any(row[name] for row in rows)] == []


def test_every_cell_of_a_resource_and_day(
    history: Built, tables: dict[str, list[Row]], utilisation: Utilisation
) -> None:
    mart = "mart_utilisation__resource_day"
    rows = history.warehouse.rows(f"marts.{mart}")
    wrong = {}
    for row in rows:
        scope = ("resource", row["source_id"], row["currency"], row["clinic_id"], None, None, row["resource_id"])
        measured = utilisation.tree(scope, row["local_date"], row["local_date"])
        if found := differences(mart, row, measured):
            wrong[row["resource_id"], row["local_date"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    # A row for each day on which a capacity resource is in service or loaded, and for no other.
    loaded = {(part.row["clinic_id"], part.resource_id, part.row["local_date"]) for part in utilisation.taken}
    in_service = {
        (row["clinic_id"], row["resource_id"], row["local_date"])
        for row in utilisation.in_service
        if utilisation.is_capacity(row["resource_id"], row["local_date"])
    }
    assert {(row["clinic_id"], row["resource_id"], row["local_date"]) for row in rows} == loaded | in_service
    assert loaded - in_service and in_service - loaded
    assert max(row["local_date"] for row in rows) - min(row["local_date"] for row in rows) > timedelta(days=365)
    zeros = ["assumed_room_seconds", "assumed_shift_seconds"]
    assert [name for name in CATALOGUE.metrics_of(mart) if not any(row[name] for row in rows)] == zeros
