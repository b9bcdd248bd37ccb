"""The KPI as rows, and the targets that they are held against, are what the oracles work out."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from oracle.calendar import months_later
from oracle.commerce import Commerce, Switches
from oracle.computed import all_figures
from oracle.kpi import Oracle, ratios, share
from oracle.kpi_standing import Rules
from oracle.utilisation import Utilisation
from raw_warehouse import RawWarehouse
from tricky_build import Built

from models.metric_terms import Direction, Metric
from models.metrics import load_catalogue

Row = dict[str, Any]
Key = tuple[str, str, date]
CATALOGUE = load_catalogue()
KPI = {**CATALOGUE.domains["kpi"].metrics}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MIXES = {"fee_level": "(none)", "payer": "(self-pay)"}
TABLES = {
    "dimensions": ["dim_clinic", "dim_employee_history", "dim_resource_history"],
    "facts": [
        *("fct_appointments", "fct_invoices", "fct_leads", "fct_marketing_spend", "fct_openings"),
        *("fct_payment_allocations", "fct_room_hours", "fct_service_lines", "fct_shifts", "fct_slots"),
    ],
    "staging": ["stg_patients"],
}


class Target(NamedTuple):
    scope_id: str
    domain: str
    metric: str
    period_kind: str
    target_value: Decimal
    valid_from: date
    valid_to: date | None
    note: str | None


@pytest.fixture(scope="module")
def targets(history: Built) -> list[Target]:
    """One of each kind of scope, above and below what is reached, one of 0, for a while and from then on."""
    scopes: dict[str, list[str]] = {}
    for row in history.warehouse.rows("intermediate.int_scopes"):
        scopes.setdefault(row["scope_kind"], []).append(row["scope_id"])
    network, clinic, other = min(scopes["network"]), *sorted(scopes["clinic"])[:2]
    specialty = max(scopes["specialty"])
    spring, summer = date(2025, 3, 1), date(2025, 8, 31)
    return [
        Target(clinic, "kpi", "net_revenue_amount", "month", Decimal(1000), spring, summer, "A budget."),
        Target(network, "kpi", "unused_hours_share", "month", Decimal("0.6"), spring, None, None),
        Target(network, "kpi", "rebooked_share", "quarter", Decimal("0.08"), date(2025, 4, 1), None, None),
        Target(other, "kpi", "no_shows_per_day", "month", Decimal(0), spring, None, "None of them."),
        Target(specialty, "kpi", "net_per_clinical_hour", "year", Decimal(500), date(2025, 1, 1), None, None),
        Target(clinic, "utilisation", "hour_value", "quarter", Decimal("123.456"), date(2025, 1, 1), summer, None),
        Target(clinic, "commerce", "primary_patients", "month", Decimal(3), spring, None, None),
    ]


@pytest.fixture(scope="module")
def warehouse(history: Built, targets: list[Target], tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    """The history with targets of its own."""
    copy = RawWarehouse(tmp_path_factory.mktemp("targets") / "warehouse.duckdb", is_new=False)
    shutil.copy(history.warehouse.path, copy.path)
    with copy.connect() as connection:
        [(table,)] = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where table_name = 'targets'"
        ).fetchall()
        connection.execute(f"delete from {table}")
        connection.executemany(
            f"insert into {table} ({', '.join(Target._fields)}) values (?, ?, ?, ?, ?, ?, ?, ?)", targets
        )
    history.dbt.must(copy.path, "run", "--select", "mart_triune__targets", "mart_kpi__values")
    return copy


@pytest.fixture(scope="module")
def periods(history: Built) -> list[Row]:
    return [row for row in history.warehouse.rows("intermediate.int_scope_periods") if row["period_kind"] in MONTHS]


@pytest.fixture(scope="module")
def oracle(history: Built) -> Oracle:
    return Oracle(history.warehouse.rows, Rules())


@pytest.fixture(scope="module")
def figures(oracle: Oracle, periods: list[Row]) -> dict[Key, dict[str, Any]]:
    """Every KPI and its parts, of every scope that has them."""
    found = {}
    for row in periods:
        if row["scope_kind"] != "resource":
            measured = oracle.figures(row["scope_id"], row["period_start"], row["period_end"])
            found[key_of(row)] = measured | ratios(measured)
    return found


@pytest.fixture(scope="module")
def held_against(
    history: Built, targets: list[Target], periods: list[Row], figures: dict[Key, dict[str, Any]]
) -> dict[tuple[Key, str, str], Row]:
    """Every target in every period that it is for, beside what was reached."""
    tables = {name: history.warehouse.rows(f"{schema}.{name}") for schema, names in TABLES.items() for name in names}
    commerce, utilisation = Commerce(tables, Switches()), Utilisation(tables)

    def reached(target: Target, row: Row) -> Decimal | None:
        if target.domain == "kpi":
            return Decimal(found) if (found := figures[key_of(row)][target.metric]) is not None else None
        scope = (row["scope_kind"], row["source_id"], row["currency"], row["clinic_id"])
        first, last = row["period_start"], row["period_end"]
        measured = (
            commerce.tree((*scope, None, None), first, last)
            if target.domain == "commerce"
            else utilisation.tree((*scope, None, None, None), first, last)
        )
        return all_figures(measured, CATALOGUE.metrics_of(f"mart_{target.domain}__tree"))[target.metric]

    return {
        (key_of(row), target.domain, target.metric): compared(target, reached(target, row))
        for target in targets
        for row in periods
        if (row["scope_id"], row["period_kind"]) == (target.scope_id, target.period_kind)
        and target.valid_from <= row["period_start"] <= (target.valid_to or date.max)
    }


def compared(target: Target, actual: Decimal | None) -> Row:
    """Of what is better when it is lower, the target is divided by what was reached."""
    metric = CATALOGUE.domains[target.domain].metrics[target.metric]
    is_higher_better = metric.direction is Direction.HIGHER
    above, below = (actual, target.target_value) if is_higher_better else (target.target_value, actual)
    is_known = actual is not None and above is not None and below is not None
    return {
        "unit": metric.unit.value,
        "direction": metric.direction.value,
        "note": target.note,
        "target_value": target.target_value,
        "actual_value": actual,
        "deviation_value": None if actual is None else actual - target.target_value,
        "is_attained": above >= below if is_known else None,
        "attainment_share": share(Fraction(above), Fraction(below)) if is_known else None,
    }


def key_of(row: Row) -> Key:
    return row["scope_id"], row["period_kind"], row["period_start"]


def test_every_target_in_every_period(warehouse: RawWarehouse, held_against: dict[tuple[Key, str, str], Row]) -> None:
    rows = warehouse.rows("marts.mart_triune__targets")
    names = next(iter(held_against.values())).keys()
    shown = {(key_of(row), row["domain"], row["metric"]): {name: row[name] for name in names} for row in rows}
    assert len(shown) == len(rows)
    assert shown == held_against
    assert {row["is_attained"] for row in rows} >= {True, False}


def test_every_kpi_as_a_row(
    warehouse: RawWarehouse,
    periods: list[Row],
    oracle: Oracle,
    figures: dict[Key, dict[str, Any]],
    held_against: dict[tuple[Key, str, str], Row],
) -> None:
    values = {
        (key, name, "(all)"): fraction(KPI[name], name, measured)
        for key, measured in figures.items()
        for name in KPI
        if KPI[name].number in range(1, 30)
    }
    for row in periods:
        if row["scope_kind"] != "resource":
            for column, nobody in MIXES.items():
                parts = oracle.by(column, nobody, row["scope_id"], row["period_start"], row["period_end"])
                total = sum(parts.values(), Decimal(0))
                for part, amount in parts.items():
                    of_whole = share(Fraction(amount), Fraction(total))
                    values[key_of(row), f"{column}_share", part] = (of_whole, amount, total)
                    values[key_of(row), f"{column}_net_amount", part] = (amount, amount, None)

    def earlier(key: Key, name: str, part: str, months: int) -> Decimal | None:
        scope, kind, start = key
        return values.get(((scope, kind, months_later(start, -months)), name, part), (None, None, None))[0]

    rows = warehouse.rows("marts.mart_kpi__values")
    assert {(key_of(row), row["metric"], row["part"]) for row in rows} == values.keys()
    assert len(rows) == len(values)
    wrong = {}
    for row in rows:
        key, name, part = key_of(row), row["metric"], row["part"]
        value, numerator, denominator = values[key, name, part]
        previous, year_before = earlier(key, name, part, MONTHS[key[1]]), earlier(key, name, part, 12)
        target = held_against.get((key, "kpi", name), {})
        expected = {
            "kpi_number": KPI[name].number,
            "unit": KPI[name].unit.value,
            "direction": KPI[name].direction.value,
            "kpi_value": value,
            "numerator_value": numerator,
            "denominator_value": denominator,
            "previous_value": previous,
            "change_value": less(value, previous),
            "year_before_value": year_before,
            "year_change_value": less(value, year_before),
            **{column: target.get(column) for column in ("is_attained", "target_value", "attainment_share")},
        }
        if found := {name: (row[name], one) for name, one in expected.items() if row[name] != one}:
            wrong[key, name, part] = found
    assert dict(list(wrong.items())[:5]) == {}
    assert [name for name in expected if not any(row[name] is not None for row in rows)] == []


def fraction(metric: Metric, name: str, measured: dict[str, Any]) -> tuple[Any, Any, Any]:
    """A KPI, and what is divided by what in it; of one that is no quotient of others, itself by nothing."""
    if metric.numerator is None or not isinstance(metric.denominator, str):
        return measured[name], measured[name], None
    numerator, denominator = measured[metric.numerator], measured[metric.denominator]
    return (
        measured[name],
        None if numerator is None else numerator * metric.factor,
        None if denominator is None else denominator * metric.divisor,
    )


def less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
