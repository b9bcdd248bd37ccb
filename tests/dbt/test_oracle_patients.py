"""Every cell of the marts about patients is what the oracle works out."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from oracle.journeys import Journeys
from oracle.patients import Patients, Row, Switches
from oracle.scopes import clinics_of, differences
from oracle.seasons import Seasons
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

CATALOGUE = load_catalogue()
TABLES = {
    "dimensions": ["dim_clinic", "dim_employee_history"],
    "facts": ["fct_appointments", "fct_leads", "fct_payments", "fct_plan_items", "fct_plans", "fct_service_lines"],
    "intermediate": ["deal_cycle_buckets", "seasons"],
}
# Thresholds of the size of the history, so that every segment is met.
SMALL = Switches(
    rfm_window_months=5, rfm_recent_days=20, rfm_cooling_days=70, rfm_frequent_visits=3, rfm_high_amount=8000,
    rfm_middle_amount=1500,
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(history: Built) -> dict[str, list[Row]]:
    return {name: history.warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}


def last_export(warehouse: RawWarehouse) -> date:
    [(day,)] = warehouse.query("select max(export_date) from ops.export_days")
    return day


def assert_equal(mart: str, found: list[tuple[Row, Any]]) -> None:
    metrics = CATALOGUE.metrics_of(mart)
    wrong = [(row, wrong) for row, measured in found if (wrong := differences(row, measured, metrics))]
    assert wrong[:3] == []
    assert found
    assert [name for name in metrics if not any(row[name] for row, _ in found)] == []


def test_retention(history: Built, tables: dict[str, list[Row]]) -> None:
    oracle = Patients(tables)
    rows = history.warehouse.rows("marts.mart_patients__retention")
    mart = "mart_patients__retention"
    assert_equal(mart, [(row, oracle.retention(row, row["period_start"], row["months_since"])) for row in rows])
    # Months that have passed, and no others, each with all that follow it.
    last = last_export(history.warehouse)
    months = (last.year - 2025) * 12 + last.month - 1
    network = [row for row in rows if row["scope_kind"] == "network" and row["currency"] == "RUB"]
    assert len(network) == months * (months + 1) // 2
    assert all(row["period_end"] <= last for row in rows)


@pytest.mark.parametrize("switches", [Switches(), SMALL], ids=["defaults", "small"])
def test_segments(history: Built, tables: dict[str, list[Row]], switches: Switches, tmp_path: Any) -> None:
    warehouse = history.warehouse
    if switches != Switches():
        copy = tmp_path / "warehouse.duckdb"
        shutil.copy(warehouse.path, copy)
        given = ", ".join(f"{name}: {value}" for name, value in asdict(switches).items())
        history.dbt.must(copy, "run", "--select", "mart_patients__rfm", "--vars", f"{{{given}}}")
        warehouse = RawWarehouse(copy, is_new=False)
    oracle = Patients(tables)
    months: dict[tuple[str, date], Any] = {}
    found = []
    for row in warehouse.rows("marts.mart_patients__rfm"):
        key = (row["scope_id"], row["period_end"])
        if key not in months:
            months[key] = oracle.segments(row, row["period_end"], switches)
        scores = (row["recency_score"], row["frequency_score"], row["monetary_score"])
        found.append((row, months[key](*scores)))
    assert_equal("mart_patients__rfm", found)
    if switches == SMALL:
        met = {(row["recency_score"], row["monetary_score"]) for row, _ in found if row["patients"]}
        assert len(met) == 9


def test_the_journey(history: Built, tables: dict[str, list[Row]]) -> None:
    oracle = Journeys(tables)
    rows = history.warehouse.rows("marts.mart_patients__journey")
    found = [
        (row, oracle.journey(clinics_of(row, tables["dim_clinic"]), row["period_start"], row["period_end"]))
        for row in rows
    ]
    assert_equal("mart_patients__journey", found)


def test_the_deal_cycle(history: Built, tables: dict[str, list[Row]]) -> None:
    oracle = Journeys(tables)
    buckets = {row["bucket"]: row for row in tables["deal_cycle_buckets"]}
    found = []
    for row in history.warehouse.rows("marts.mart_patients__deal_cycle"):
        clinics = clinics_of(row, tables["dim_clinic"])
        measured = oracle.deal_cycle(clinics, row["period_start"], row["period_end"], buckets[row["bucket"]])
        found.append((row, measured))
    assert_equal("mart_patients__deal_cycle", found)


def test_seasonality(history: Built, tables: dict[str, list[Row]]) -> None:
    oracle = Seasons(tables, last_export(history.warehouse))
    rows = history.warehouse.rows("marts.mart_patients__seasonality")
    scopes = {row["scope_id"]: clinics_of(row, tables["dim_clinic"]) for row in rows}
    profiles = {scope: oracle.profile(clinics) for scope, clinics in scopes.items()}
    found = [(row, profiles[row["scope_id"]][row["dimension_kind"], row["dimension_value"]]) for row in rows]
    assert_equal("mart_patients__seasonality", found)
    shown = {(row["scope_id"], row["dimension_kind"], row["dimension_value"]) for row in rows}
    assert shown == {(scope, *what) for scope, profile in profiles.items() for what in profile}
