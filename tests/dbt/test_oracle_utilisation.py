"""Every cell of the utilisation marts is what the oracle works out, to the second and to the kopeck."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import long_history
import pytest
from oracle.computed import all_figures
from oracle.utilisation import Figures, Row, Scope, Utilisation
from oracle.utilisation_parts import Equipment, Regimes, slot_mix
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metrics import load_catalogue

CATALOGUE = load_catalogue()
TABLES = {
    "dimensions": ["dim_clinic", "dim_resource", "dim_resource_history"],
    "facts": [
        *("fct_appointments", "fct_invoices", "fct_openings", "fct_payment_allocations", "fct_room_hours"),
        *("fct_service_lines", "fct_shifts", "fct_slots"),
    ],
}
# What stands between the resources and the marts.
MODELS = [
    *("dim_resource", "dim_resource_history", "int_resource_days__in_service", "fct_openings", "fct_room_hours"),
    *(
        "int_hours__taken",
        "int_lines__performed",
        "fct_revenues",
        "int_lines__earned",
        "int_resource_days__loaded",
        "int_resource_days__used",
    ),
    *("int_hour_blocks__filled", "int_scopes", "int_scope_periods", "mart_utilisation__tree"),
    *("mart_utilisation__regimes", "mart_utilisation__slot_mix", "mart_utilisation__equipment"),
]


@dataclass(frozen=True)
class Switches:
    scarce_resource: str = "room"
    revenue_clock: str = "performed"
    regimes: Regimes = field(default_factory=Regimes)

    def variables(self) -> str:
        told = {f"regime_{name}": value for name, value in asdict(self.regimes).items()}
        told |= {"scarce_resource": self.scarce_resource, "revenue_clock": self.revenue_clock}
        return "{" + ", ".join(f"{name}: {value}" for name, value in told.items()) + "}"


SCOPES = ("network", "clinic", "specialty", "resource", "practitioner")
SWITCHES = [Switches(), Switches("device", "paid", Regimes(150, 1, 5, 25))]
Switched = tuple[Switches, RawWarehouse]


@pytest.fixture(scope="module", params=SWITCHES, ids=lambda switches: switches.scarce_resource)
def switched(request: pytest.FixtureRequest, history: Built, tmp_path_factory: pytest.TempPathFactory) -> Switched:
    """The history, and the same with other switches and with a device whose hours are sold."""
    switches: Switches = request.param
    if switches == Switches():
        return switches, history.warehouse
    copy = RawWarehouse(tmp_path_factory.mktemp("switched") / "warehouse.duckdb", is_new=False)
    shutil.copy(history.warehouse.path, copy.path)
    with copy.connect() as connection:
        connection.execute("update raw.resources set is_capacity = true where resource_id = 'D1'")
    history.dbt.must(copy.path, "run", "--select", *MODELS, "--vars", switches.variables())
    return switches, copy


@pytest.fixture(scope="module")
def tables(switched: Switched) -> dict[str, list[Row]]:
    return {name: switched[1].rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}


@pytest.fixture(scope="module")
def oracle(switched: Switched, tables: dict[str, list[Row]]) -> Utilisation:
    return Utilisation(tables, switched[0].scarce_resource, switched[0].revenue_clock)


def differences(mart: str, row: Row, measured: Figures) -> dict[str, tuple[Any, Decimal | None]]:
    """Metric → (mart, oracle), where they differ."""
    figures = all_figures(measured, CATALOGUE.metrics_of(mart))
    return {name: (row[name], figure) for name, figure in figures.items() if row[name] != figure}


def scope_of(row: Row) -> Scope:
    keys = ("scope_kind", "source_id", "currency", "clinic_id", "specialty", "employee_id", "resource_id")
    return tuple(row[key] for key in keys)


def test_the_tree(switched: Switched, oracle: Utilisation) -> None:
    rows = switched[1].rows("marts.mart_utilisation__tree")
    wrong = {}
    for row in rows:
        measured = oracle.tree(scope_of(row), row["period_start"], row["period_end"])
        if found := differences("mart_utilisation__tree", row, measured):
            wrong[row["scope_id"], row["period_kind"], row["period_start"]] = found
    assert dict(list(wrong.items())[:5]) == {}
    # Whatever was done is in a row of the mart.
    assert {scope_of(row) for row in rows} >= oracle.scopes.keys()
    days = [row for row in rows if row["period_kind"] == "day"]
    met = {kind: sum(row["sold_seconds"] for row in days if row["scope_kind"] == kind) for kind in SCOPES}
    assert met["network"] == met["clinic"] == met["specialty"] == met["resource"] != met["practitioner"] > 0
    assert any(row["overtime_hours"] for row in days) and any(row["unslotted_revenue_amount"] for row in days)


def test_the_regimes(switched: Switched, oracle: Utilisation, tables: dict[str, list[Row]]) -> None:
    specialties = {row["resource_id"]: row["specialty"] for row in tables["dim_resource"]}
    expected = switched[0].regimes.blocks(oracle, specialties, long_history.LAST_DAY)
    shown = {
        (row["clinic_id"], row["resource_id"], row["weekday"], row["hour_of_day"]): row
        for row in switched[1].rows("marts.mart_utilisation__regimes")
    }
    assert shown.keys() == expected.keys()
    wrong: dict[Any, Any] = {}
    for key, row in shown.items():
        told = [(row[name], expected[key][name]) for name in ("regime", "lever")]
        found = differences("mart_utilisation__regimes", row, expected[key])
        if found or any(one != other for one, other in told):
            wrong[key] = told, found
    assert dict(list(wrong.items())[:5]) == {}
    met = Counter((row["regime"], row["lever"]) for row in shown.values())
    assert len(met) >= (3 if switched[0] == Switches() else 4), met


def test_the_slot_mix(switched: Switched, oracle: Utilisation) -> None:
    shown: dict[Any, dict[tuple[str, str], Row]] = {}
    for row in switched[1].rows("marts.mart_utilisation__slot_mix"):
        shown.setdefault((row["scope_id"], row["period_kind"], row["period_start"]), {})[
            row["mix_by"], row["mix_part"]
        ] = row
    wrong: dict[Any, Any] = {}
    for period in switched[1].rows("intermediate.int_scope_periods"):
        if period["scope_kind"] in ("network", "clinic") and period["period_kind"] in ("month", "quarter", "year"):
            clinics = {
                name
                for name, clinic in oracle.clinics.items()
                if clinic["currency"] == period["currency"] and period["clinic_id"] in (None, name)
            }
            key = (period["scope_id"], period["period_kind"], period["period_start"])
            expected = slot_mix(oracle, clinics, period["period_start"], period["period_end"])
            rows = shown.pop(key, {})
            assert rows.keys() == expected.keys(), key
            for part, row in rows.items():
                if found := differences("mart_utilisation__slot_mix", row, expected[part]):
                    wrong[*key, *part] = found
    assert shown == {}
    assert dict(list(wrong.items())[:5]) == {}


def test_the_equipment(switched: Switched, oracle: Utilisation, tables: dict[str, list[Row]]) -> None:
    equipment = Equipment(oracle, tables["dim_resource"], long_history.LAST_DAY)
    shown: dict[tuple[str, str, date, date], dict[str, Row]] = {}
    for row in switched[1].rows("marts.mart_utilisation__equipment"):
        period = (row["clinic_id"], row["period_kind"], row["period_start"], row["period_end"])
        shown.setdefault(period, {})[row["resource_id"]] = row
    wrong: dict[Any, Any] = {}
    for (clinic, kind, first, last), rows in shown.items():
        expected = {unit[1] for unit in equipment.units(first, last) if unit[0] == clinic}
        assert rows.keys() == expected, (clinic, kind, first)
        if kind == "to_date":
            assert last == long_history.LAST_DAY
        for unit, row in rows.items():
            if found := differences("mart_utilisation__equipment", row, equipment.figures((clinic, unit), first, last)):
                wrong[clinic, unit, kind, first] = found
    assert dict(list(wrong.items())[:5]) == {}
    assert {kind for _, kind, _, _ in shown} == {"month", "quarter", "year", "to_date"}
    assert any(row["payback_left_months"] for rows in shown.values() for row in rows.values())
