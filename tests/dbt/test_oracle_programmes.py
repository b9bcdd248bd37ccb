"""Every cell of the marts of programmes is what the oracle works out, to the kopeck."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from oracle.computed import all_figures
from oracle.plans import Row
from oracle.programmes import Figures, Programmes
from tricky_build import Built

from models.metrics import load_catalogue

CATALOGUE = load_catalogue()
TABLES = {
    "dimensions": ["dim_employee_history", "dim_resource_history"],
    "facts": [
        *("fct_appointments", "fct_invoices", "fct_openings", "fct_payment_allocations", "fct_plan_items"),
        *("fct_plans", "fct_room_hours", "fct_service_lines"),
    ],
    "ops": ["export_days"],
}
OF_PLANS = ("plans_presented", "plans_sold", "presented_amount")


@pytest.fixture(scope="module")
def oracle(history: Built) -> Programmes:
    tables = {name: history.warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}
    return Programmes(tables)


def differences(mart: str, row: Row, measured: Figures) -> dict[str, tuple[Any, Decimal | None]]:
    """Metric → (mart, oracle), where they differ."""
    figures = all_figures(measured, CATALOGUE.metrics_of(mart))
    return {name: (row[name], figure) for name, figure in figures.items() if row[name] != figure}


def test_the_periods(history: Built, oracle: Programmes) -> None:
    shown = {
        (
            (row["scope_kind"], row["source_id"], row["currency"], row["clinic_id"], row["resource_id"]),
            row["programme"], row["period_kind"], row["period_start"],
        ): row
        for row in history.warehouse.rows("marts.mart_programmes__periods")
    }  # fmt: skip
    expected = oracle.periods()
    assert shown.keys() == expected.keys()
    wrong = {}
    for key, row in shown.items():
        measured = expected[key]
        if key[0][0] == "resource":
            measured |= dict.fromkeys(OF_PLANS)
        if found := differences("mart_programmes__periods", row, measured):
            wrong[key] = found
    assert dict(list(wrong.items())[:5]) == {}
    year = [row for key, row in shown.items() if (key[0][0], key[2]) == ("network", "year")]
    assert [name for name in CATALOGUE.metrics_of("mart_programmes__periods") if not any(r[name] for r in year)] == []


def test_the_corridors(history: Built, oracle: Programmes) -> None:
    shown = {
        (row["clinic_id"], row["period_start"], row["weekday"], row["hour_of_day"]): row
        for row in history.warehouse.rows("marts.mart_programmes__corridors")
    }
    expected = oracle.corridors()
    assert shown.keys() == expected.keys()
    wrong = {
        key: found for key in shown if (found := differences("mart_programmes__corridors", shown[key], expected[key]))
    }
    assert dict(list(wrong.items())[:5]) == {}
    # Both ends of the line and something between.
    assert len({row["price_index"] for row in shown.values()}) > 2
