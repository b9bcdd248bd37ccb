"""Reads incentive schemes (`schemes/<scheme>.yaml`) and writes their parameter tables for dbt. Calculates no pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from pydantic import BaseModel

from models.scheme_terms import Dated, Scheme
from models.yaml_reader import DefinitionError, Document, KeyPath, Problem, read_document, validate

SCHEMES_DIR = Path(__file__).parent / "schemes"

DatedT = TypeVar("DatedT", bound=Dated)


def load_schemes(folder: Path = SCHEMES_DIR) -> list[Scheme]:
    """Reads every scheme of `folder`.

    Raises:
        DefinitionError: a file is wrong, or two schemes of one scenario have one name or cover one clinic.
    """
    paths = sorted(folder.glob("*.yaml"))
    schemes = [read_scheme(path) for path in paths]
    message = "a scheme of the same scenario has the same name or covers the same clinic:"
    problems = [
        Problem(path, 1, "clinics", f"{message} '{other.scheme}'")
        for index, (path, scheme) in enumerate(zip(paths, schemes, strict=True))
        for other in schemes[:index]
        if scheme.scenario == other.scenario and (scheme.scheme == other.scheme or _overlap(scheme, other))
    ]
    if problems:
        raise DefinitionError(problems)
    return schemes


def read_scheme(path: Path) -> Scheme:
    """Reads one scheme file.

    Raises:
        DefinitionError: with file, line and key of every mistake, and what is allowed there.
    """
    document = read_document(path)
    scheme = scheme_from(document)
    if scheme.scheme != path.stem:
        message = f"must be the name of the file, '{path.stem}'; found '{scheme.scheme}'"
        raise DefinitionError([document.problem(("scheme",), message)])
    return scheme


def scheme_from(document: Document) -> Scheme:
    """Checks plain data as a scheme; see `read_scheme`."""
    try:
        scheme = validate(document, Scheme)
    except DefinitionError as error:
        raise DefinitionError([_with_allowed_keys(problem) for problem in error.problems]) from None
    problems = list(_date_problems(document, scheme))
    if problems:
        raise DefinitionError(problems)
    return scheme


def _overlap(one: Scheme, other: Scheme) -> bool:
    if one.clinics == "all" or other.clinics == "all":
        return one.currency == other.currency
    return not set(one.clinics).isdisjoint(other.clinics)


def _date_problems(document: Document, scheme: Scheme) -> Iterator[Problem]:
    """Dates that overlap or go back, monthly values that begin inside a month, a rate without the values it needs."""
    if scheme.global_limit is not None:
        limits = scheme.global_limit.net_revenue_share
        yield from _order_problems(document, ("global_limit", "net_revenue_share"), limits, monthly=True)
    for code, terms in scheme.modules.items():
        at: KeyPath = ("modules", code.value)
        yield from _order_problems(document, (*at, "rate", "values"), terms.rate.values)
        yield from _order_problems(document, (*at, "role_shares"), terms.role_shares)
        yield from _order_problems(document, (*at, "direct_cost", "cost_share"), terms.direct_cost.cost_share)
        yield from _order_problems(document, (*at, "employee_month_cap"), terms.employee_month_cap, monthly=True)
        start = terms.rate.values[0].valid_from
        needed: list[tuple[KeyPath, Sequence[Dated]]] = [(("role_shares",), terms.role_shares)]
        if terms.direct_cost.cost_share:
            needed.append((("direct_cost", "cost_share"), terms.direct_cost.cost_share))
        for key, values in needed:
            if values[0].valid_from > start:
                yield document.problem((*at, *key, 0, "from"), f"must be no later than the first rate, {start}")


def _order_problems(
    document: Document, at: KeyPath, values: Sequence[Dated], *, monthly: bool = False
) -> Iterator[Problem]:
    for index, value in enumerate(values):
        key, start = (*at, index, "from"), value.valid_from
        if monthly and start.day != 1:
            yield document.problem(key, f"a monthly value begins on the first of a month; found {start}")
        if index and start <= values[index - 1].valid_from:
            above = values[index - 1].valid_from
            yield document.problem(key, f"dates overlap: must be later than {above}, the value above; found {start}")


def _with_allowed_keys(problem: Problem) -> Problem:
    """Names the keys that may stand where an unknown one was found."""
    if problem.message != "unknown key":
        return problem
    found: Any = Scheme
    for part in problem.key.split(".")[:-1]:
        if isinstance(found, type) and issubclass(found, BaseModel):
            annotations = {field.alias or name: field.annotation for name, field in found.model_fields.items()}
            found = annotations[part]
        else:
            found = found.__args__[-1]  # of a list or dict: its values
        if getattr(found, "__args__", ())[1:] == (type(None),):
            found = found.__args__[0]
    allowed = ", ".join(field.alias or name for name, field in found.model_fields.items())
    return Problem(problem.file, problem.line, problem.key, f"unknown key; allowed: {allowed}")


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
