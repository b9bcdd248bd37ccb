"""Every cell of the account of a period is what the oracle works out, and a year of it is met."""

from __future__ import annotations

import shutil

import pytest
from oracle.finance import Finance, Row
from oracle.scopes import clinics_of, differences
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

MART = "mart_finance__periods"
METRICS = load_catalogue().metrics_of(MART)
TABLES = {
    "dimensions": ["dim_clinic"],
    "facts": ["fct_service_lines"],
    "staging": ["stg_stays", "stg_stay_charges", "stg_expenses", "stg_balances"],
}


# What the history lacks: balances of a whole year, and a month without books.
CHANGES = [
    "insert into raw.balances by name select * replace (date '2025-02-28' as balance_date)"
    " from raw.balances where balance_date = date '2025-04-01'",
    "delete from raw.expenses where clinic_id = 'K1' and expense_date = date '2025-02-01'",
]
CHANGED = ["fct_expenses", "fct_balances", "int_clinic_months__booked", "int_scope_months__valued", MART]


@pytest.fixture(scope="module", params=["beside_lines", "within_lines"])
def switched(
    request: pytest.FixtureRequest, history: Built, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, RawWarehouse]:
    if request.param == "beside_lines":
        return request.param, history.warehouse
    copy = tmp_path_factory.mktemp("switched") / "warehouse.duckdb"
    shutil.copy(history.warehouse.path, copy)
    changed = RawWarehouse(copy, is_new=False)
    with changed.connect() as connection:
        for change in CHANGES:
            connection.execute(change)
    history.dbt.must(copy, "run", "--select", *CHANGED, "--vars", f"{{stay_charges: {request.param}}}")
    return request.param, changed


def test_every_cell(switched: tuple[str, RawWarehouse]) -> None:
    stay_charges, warehouse = switched
    tables = {name: warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}
    [(last_export,)] = warehouse.query("select max(export_date) from ops.export_days")
    oracle = Finance(tables, last_export, stay_charges)
    rows: list[Row] = warehouse.rows(f"marts.{MART}")
    wrong = {}
    for row in rows:
        measured = oracle.figures(clinics_of(row, tables["dim_clinic"]), row["period_start"], row["period_end"])
        if found := differences(row, measured, METRICS):
            wrong[row["scope_id"], row["period_kind"], row["period_start"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    met = ["ebitda_12m_amount", "capitalisation_amount", "net_debt_amount", "materials_expense_amount"]
    if stay_charges == "within_lines":
        met += ["roa", "months_without_expenses"]
    assert [name for name in met if not any(row[name] for row in rows)] == []
    assert any(row["ebitda_amount"] is None for row in rows)
