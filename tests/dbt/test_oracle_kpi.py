"""Every figure of the KPI marts, of every scope and period of the long history, against plain Python."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from oracle.kpi import Oracle, ratios, share
from oracle.kpi_standing import Rules
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

Row = dict[str, Any]
KEYS = ("scope_id", "period_kind", "period_start")


# Other switches, and windows that end within the history.
OTHER_RULES = Rules(3, 1, 150, ("retail", "consultation"), ("diagnostics",), True, True, True, "paid")
OTHER_VARIABLES = {
    "active_window_months": 3,
    "plan_dormancy_months": 1,
    "without_plan_least_amount": 150,
    "visit_excluded_stages": "retail, consultation",
    "without_plan_excluded_stages": "diagnostics",
    "waiting_from": "planned_start",
    "rebooked_when": "on_visit_day",
    "lapsed_by": "visits",
    "revenue_clock": "paid",
}


@pytest.fixture(scope="module")
def oracle(history: Built) -> Oracle:
    return Oracle(history.warehouse.rows, Rules())


def test_every_kpi_of_every_scope_and_period(history: Built, oracle: Oracle) -> None:
    compare(history.warehouse, oracle)


def test_every_kpi_under_other_switches(history: Built, tmp_path: Path) -> None:
    shutil.copy(history.warehouse.path, tmp_path / "warehouse.duckdb")
    selected = ("--select", "fct_revenues+", "int_visits__treated+", "int_plan_spans__open+")
    excluded = ("--exclude", "mart_triune__*", "models/marts/incentives+")
    done = history.dbt(
        tmp_path / "warehouse.duckdb", "run", *selected, *excluded, "--vars", json.dumps(OTHER_VARIABLES)
    )
    assert done.returncode == 0, done.stdout[-3000:]
    warehouse = RawWarehouse(tmp_path / "warehouse.duckdb", is_new=False)
    compare(warehouse, Oracle(warehouse.rows, OTHER_RULES), kinds=("week", "month", "quarter", "year"))


def compare(warehouse: RawWarehouse, oracle: Oracle, kinds: tuple[str, ...] = ()) -> None:
    rows = [row for row in warehouse.rows("marts.mart_kpi__periods") if not kinds or row["period_kind"] in kinds]
    assert len(rows) > 1000
    differences = []
    for row in rows:
        figures = oracle.figures(row["scope_id"], row["period_start"], row["period_end"])
        figures |= ratios(figures)
        differences += [
            (*(row[key] for key in KEYS), name, row[name], value)
            for name, value in figures.items()
            if row[name] != value
        ]
    assert differences[:20] == [], len(differences)
    assert set(load_catalogue().metrics_of("mart_kpi__periods")) - figures.keys() == set()


@pytest.mark.parametrize(
    ("column", "nobody", "mart"),
    [("fee_level", "(none)", "mart_kpi__fee_levels"), ("payer", "(self-pay)", "mart_kpi__payers")],
)
def test_net_revenue_by_fee_level_and_payer(
    history: Built, oracle: Oracle, column: str, nobody: str, mart: str
) -> None:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in history.warehouse.rows(f"marts.{mart}"):
        figures = (row[f"{column}_net_amount"], row[f"{column}_share"])
        found.setdefault(tuple(row[key] for key in KEYS), {})[row[column]] = figures
    periods = history.warehouse.rows("intermediate.int_scope_periods")
    worked_out: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in periods:
        parts = oracle.by(column, nobody, row["scope_id"], row["period_start"], row["period_end"])
        total = Fraction(sum(parts.values()))
        if parts and row["scope_kind"] != "resource":
            worked_out[tuple(row[key] for key in KEYS)] = {
                name: (amount, share(Fraction(amount), total)) for name, amount in parts.items()
            }
    assert len(found) > 1000
    assert found == worked_out
