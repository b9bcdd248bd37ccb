"""Compiles incentive schemes to the parameter tables that dbt reads (schema `schemes`). Calculates no pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import duckdb

from models.schemes import Dated, Scheme

DatedT = TypeVar("DatedT", bound=Dated)

_KEY = "scenario_id VARCHAR NOT NULL, scheme_id VARCHAR NOT NULL"
_MODULE = f"{_KEY}, module VARCHAR NOT NULL"
# valid_to is the last day, empty while the value is in force.
_DATED = "valid_from DATE NOT NULL, valid_to DATE, act VARCHAR NOT NULL, note VARCHAR NOT NULL"
_TABLES = {
    "schemes": f"{_KEY}, title VARCHAR NOT NULL, currency VARCHAR NOT NULL, covers_all_clinics BOOLEAN NOT NULL",
    "scheme_clinics": f"{_KEY}, clinic_id VARCHAR NOT NULL",
    "modules": f"{_MODULE}, title VARCHAR NOT NULL, stage VARCHAR NOT NULL, unfilled_role VARCHAR NOT NULL, "
    "direct_cost_rule VARCHAR NOT NULL",
    "module_rates": f"{_MODULE}, rate DECIMAL(38,10) NOT NULL, {_DATED}",
    "role_shares": f"{_MODULE}, role VARCHAR NOT NULL, role_share DECIMAL(38,10) NOT NULL, {_DATED}",
    "cost_shares": f"{_MODULE}, cost_share DECIMAL(38,10) NOT NULL, {_DATED}",
    "employee_month_caps": f"{_MODULE}, cap_amount DECIMAL(18,2) NOT NULL, {_DATED}",
    "global_limits": f"{_KEY}, net_revenue_share DECIMAL(38,10) NOT NULL, {_DATED}",
}


def write_scheme_tables(connection: duckdb.DuckDBPyConnection, schemes: list[Scheme]) -> None:
    """Replaces the tables of schema `schemes` by these schemes, in one transaction. dbt reads them."""
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _TABLES}
    for scheme in schemes:
        for table, row in _rows(scheme):
            rows[table].append((scheme.scenario, scheme.scheme, *row))
    connection.begin()
    try:
        connection.execute("CREATE SCHEMA IF NOT EXISTS schemes")
        for table, columns in _TABLES.items():
            connection.execute(f"CREATE OR REPLACE TABLE schemes.{table} ({columns})")
            if rows[table]:
                marks = ", ".join("?" * len(rows[table][0]))
                connection.executemany(f"INSERT INTO schemes.{table} VALUES ({marks})", rows[table])
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _rows(scheme: Scheme) -> Iterator[tuple[str, tuple[Any, ...]]]:
    yield "schemes", (scheme.title, scheme.currency, scheme.clinics == "all")
    for clinic_id in scheme.clinics if isinstance(scheme.clinics, list) else []:
        yield "scheme_clinics", (clinic_id,)
    if scheme.global_limit is not None:
        for limit, dates in _with_dates(scheme.global_limit.net_revenue_share):
            yield "global_limits", (limit.value, *dates)
    for code, terms in scheme.modules.items():
        module = code.value
        rules = (terms.unfilled_role.value, terms.direct_cost.rule.value)
        yield "modules", (module, terms.title, terms.stage.value, *rules)
        for rate, dates in _with_dates(terms.rate.values):
            yield "module_rates", (module, rate.value, *dates)
        for split, dates in _with_dates(terms.role_shares):
            for role, share in split.value.items():
                yield "role_shares", (module, role.value, share, *dates)
        for cost_share, dates in _with_dates(terms.direct_cost.cost_share):
            yield "cost_shares", (module, cost_share.value, *dates)
        for cap, dates in _with_dates(terms.employee_month_cap):
            yield "employee_month_caps", (module, cap.value, *dates)


def _with_dates(values: Sequence[DatedT]) -> Iterator[tuple[DatedT, tuple[date, date | None, str, str]]]:
    """Each value with its first and last day: the last is the day before the next value begins."""
    for index, value in enumerate(values):
        following = values[index + 1].valid_from if index + 1 < len(values) else None
        last = following - timedelta(days=1) if following else None
        yield value, (value.valid_from, last, value.act, value.note)
