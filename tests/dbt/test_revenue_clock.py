"""Money on another clock: the three forms still tie, and what the clock needs is asked for."""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from oracle.revenues import Revenues
from raw_warehouse import RawWarehouse
from tricky_build import Built

SELECTED = ("--select", "fct_revenues+", "int_metrics__available+", "--exclude", "models/marts/incentives+")
LEDGER = ("fct_service_lines", "fct_invoices", "fct_payment_allocations")
FORMS = ("ledger", "commerce", "utilisation", "potential")


@pytest.mark.parametrize("clock", ["invoiced", "paid"])
def test_every_form_is_the_money_of_the_clock_in_each_clinic_on_each_day(
    history: Built, tmp_path: Path, clock: str
) -> None:
    copy = copy_of(history, tmp_path)
    # With the identities, which hold by any clock.
    arguments = (*SELECTED, "--exclude-resource-type", "unit_test", "--vars", f"{{revenue_clock: {clock}}}")
    history.dbt.must(copy.path, "build", *arguments)
    expected: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    tables = {name: history.warehouse.rows(f"facts.{name}") for name in LEDGER}
    for row in Revenues(clock, tables).of(line for line in tables["fct_service_lines"] if line["is_performed"]):
        expected[row["clinic_id"], row["local_date"]] += row["net_amount"]
    days = copy.rows("marts.mart_triune__clinic_day")
    for form in FORMS:
        shown = {(row["clinic_id"], row["local_date"]): row[f"{form}_revenue_amount"] for row in days}
        assert {day: amount for day, amount in shown.items() if amount} == {
            day: amount for day, amount in expected.items() if amount
        }, form
    performed = sum(row["net_amount"] for row in history.warehouse.rows("facts.fct_revenues"))
    assert 0 < sum(expected.values()) < performed


def test_without_payments_money_that_counts_as_paid_is_not_available_and_work_still_is(
    history: Built, tmp_path: Path
) -> None:
    copy = copy_of(history, tmp_path)
    with copy.connect() as connection:
        connection.execute("update ops.source_inputs set is_provided = false where entity = 'payment_allocations'")
    history.dbt.must(copy.path, "run", *SELECTED, "--vars", "{revenue_clock: paid}")
    tie = "select count(ledger_revenue_amount), count(commerce_revenue_amount) from marts.mart_triune__tie"
    assert copy.query(tie) == [(0, 0)]
    kpi = "select count(net_revenue_amount), count(direct_cost_share), count(visits) > 0 from marts.mart_kpi__periods"
    assert copy.query(kpi) == [(0, 0, True)]
    missing = """
        select distinct missing_inputs from marts.mart_triune__not_available
        where mart = 'mart_triune__tie' and metric = 'ledger_revenue_amount'
    """
    assert copy.query(missing) == [("payment_allocations.allocated_amount",)]


def copy_of(history: Built, folder: Path) -> RawWarehouse:
    shutil.copy(history.warehouse.path, folder / "warehouse.duckdb")
    return RawWarehouse(folder / "warehouse.duckdb", is_new=False)
