"""Every cell of the sanatorium's mart is what the oracle works out, with each rule for counting."""

from __future__ import annotations

import shutil
from dataclasses import asdict

import pytest
from oracle.sanatorium import Row, Sanatorium, Switches
from oracle.scopes import clinics_of, differences
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

MART = "mart_sanatorium__periods"
METRICS = load_catalogue().metrics_of(MART)
TABLES = {
    "dimensions": ["dim_clinic", "dim_resource_history"],
    "facts": ["fct_openings", "fct_service_lines"],
    "intermediate": ["int_clinic_days"],
    "staging": ["stg_stays", "stg_stay_charges", "stg_expenses"],
}
SWITCHES = [Switches(), Switches(bed_day_rule="days", out_of_order_hours=2, stay_charges="within_lines")]


@pytest.fixture(scope="module", params=SWITCHES, ids=lambda switches: switches.bed_day_rule)
def switched(
    request: pytest.FixtureRequest, history: Built, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Switches, RawWarehouse]:
    switches: Switches = request.param
    if switches == Switches():
        return switches, history.warehouse
    copy = tmp_path_factory.mktemp("switched") / "warehouse.duckdb"
    shutil.copy(history.warehouse.path, copy)
    given = ", ".join(f"{name}: {value}" for name, value in asdict(switches).items())
    history.dbt.must(copy, "run", "--select", "int_bed_days__sold", MART, "--vars", f"{{{given}}}")
    return switches, RawWarehouse(copy, is_new=False)


def test_every_cell(switched: tuple[Switches, RawWarehouse]) -> None:
    switches, warehouse = switched
    tables = {name: warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}
    [(last_export,)] = warehouse.query("select max(export_date) from ops.export_days")
    oracle = Sanatorium(tables, last_export, switches)
    rows: list[Row] = warehouse.rows(f"marts.{MART}")
    wrong = {}
    for row in rows:
        measured = oracle.figures(clinics_of(row, tables["dim_clinic"]), row["period_start"], row["period_end"])
        if found := differences(row, measured, METRICS):
            wrong[row["scope_id"], row["period_kind"], row["period_start"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    met = ["rooms_out_of_order", "guests_with_procedure", "cost_per_bed_day", "bed_fill_rate", "revpar"]
    assert [name for name in met if not any(row[name] for row in rows)] == []
    assert any(row["rooms_available"] is None for row in rows)
