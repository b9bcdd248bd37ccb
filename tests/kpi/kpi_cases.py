"""Reads the golden cases (`*.yaml` beside this file): one file per KPI, each case a network of its own. No assertions.

Rows are those of the export contracts; what a case leaves out is filled in here. Moments are wall-clock times of K.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.contracts import ColumnType, Contract, load_contracts
from models.yaml_reader import read_document

Row = dict[str, Any]
_CASE_KEYS = {"name", "says", "given", "expect", "time_zone", "until", "not_exported"}
_EXPECT_KEYS = {"of", "period", "fee_level", "payer"}
# What the rows of a case need not say.
_DEFAULTS: dict[str, Row] = {
    "clinics": {"clinic_name": "A clinic", "currency": "RUB"},
    "employees": {"staff_role": "doctor"},
    "services": {"service_name": "A service", "stage": "treatment"},
    "shifts": {"clinic_id": "K", "employee_id": "D"},
    "appointments": {"clinic_id": "K", "employee_id": "D", "patient_id": "P", "status": "attended"},
    "service_lines": {
        "clinic_id": "K", "employee_id": "D", "patient_id": "P", "service_id": "S", "quantity": 1, "discount_amount": 0,
        "status": "performed",
    },
    "invoices": {"clinic_id": "K", "patient_id": "P"},
    "payments": {"clinic_id": "K", "patient_id": "P", "payment_kind": "payment", "payment_amount": 0, "status": "done"},
    "treatment_plans": {"clinic_id": "K", "employee_id": "D", "patient_id": "P", "plan_version": 1},
    "plan_items": {"plan_version": 1, "service_id": "S", "quantity": 1},
}  # fmt: skip
_ALWAYS = {"clinics": [{"clinic_id": "K"}], "employees": [{"employee_id": "D"}], "services": [{"service_id": "S"}]}


@dataclass(frozen=True)
class Expected:
    """Some figures of one row of a mart."""

    mart: str
    keys: dict[str, str]
    figures: dict[str, Decimal | None]


@dataclass(frozen=True)
class Case:
    """What a network exports, and what must come out. Its name is the name of its source."""

    number: int
    name: str
    says: str
    rows: dict[str, list[Row]]
    last_day: date
    not_exported: tuple[str, ...]
    expected: list[Expected]


def load_cases() -> list[Case]:
    contracts = load_contracts()
    documents = [read_document(path).data for path in sorted(Path(__file__).parent.glob("*.yaml"))]
    return [_case(data["number"], item, contracts) for data in documents for item in data["cases"]]


def _case(number: int, item: Row, contracts: dict[str, Contract]) -> Case:
    _refuse_others(item, _CASE_KEYS)
    zone = ZoneInfo(item.get("time_zone", "UTC"))
    given = {**item["given"]}
    for entity, rows in _ALWAYS.items():
        named = {row[contracts[entity].key[0]] for row in given.get(entity, [])}
        extra = [row for row in rows if row[contracts[entity].key[0]] not in named]
        given[entity] = extra + given.get(entity, [])
    rows = {
        entity: [_row(contracts[entity], place, row, zone) for place, row in enumerate(rows, start=1)]
        for entity, rows in given.items()
    }
    days = [_day(row[contracts[entity].day]) for entity in rows if contracts[entity].day for row in rows[entity]]
    return Case(
        number=number,
        name=item["name"],
        says=item["says"],
        rows=rows,
        last_day=max([*days, *([item["until"]] if "until" in item else [])]),
        not_exported=tuple(item.get("not_exported", ())),
        expected=[_expected(item["name"], expected) for expected in item["expect"]],
    )


def _row(contract: Contract, place: int, given: Row, zone: ZoneInfo) -> Row:
    """A whole row of the contract; `exported` is the day of its export, if it is not the first."""
    _refuse_others(given, {*contract.columns, "exported"})
    row = {contract.key[0]: f"{contract.entity} {place}", **_DEFAULTS.get(contract.entity, {}), **given}
    if contract.entity == "clinics":
        row.setdefault("time_zone", zone.key)
    if contract.entity == "appointments":
        row.setdefault("planned_start_at", row.get("started_at"))
    if contract.entity == "service_lines":
        row.setdefault("net_amount", row.get("list_amount"))
        row.setdefault("list_amount", Decimal(row["net_amount"]) + Decimal(row["discount_amount"]))
    if contract.entity == "plan_items":
        row.setdefault("price_amount", row["item_amount"])
    for name, column in contract.columns.items():
        if column.type is ColumnType.TIMESTAMP and row.get(name) is not None:
            moment = row[name] if isinstance(row[name], str) else f"{row[name]} 12:00"
            local = datetime.fromisoformat(moment).replace(tzinfo=zone)
            row[name] = local.astimezone(UTC).replace(tzinfo=None)
    return row


def _expected(source: str, item: Row) -> Expected:
    keys = _scope(source, item["of"]) | _period(item["period"])
    keys |= {key: item[key] for key in ("fee_level", "payer") if key in item}
    split_by = next((key for key in ("fee_level", "payer") if key in item), "period")
    figures = {key: value for key, value in item.items() if key not in _EXPECT_KEYS}
    return Expected(
        f"mart_kpi__{split_by}s",
        keys,
        {key: None if value is None else Decimal(value) for key, value in figures.items()},
    )


def _scope(source: str, text: str) -> Row:
    """`network`, `clinic K`, `specialty dentistry`, `practitioner D` (in clinic K)"""
    kind, _, name = text.partition(" ")
    scope_id = {
        "network": f"network|{source}|RUB",
        "clinic": f"clinic|{source}:{name}",
        "specialty": f"specialty|{source}|RUB|{name}",
        "practitioner": f"practitioner|{source}:K|{name if name == '(none)' else f'{source}:{name}'}",
    }[kind]
    return {"scope_id": scope_id}


def _period(text: str) -> Row:
    """`month 2026-03-01`: the kind and the first day"""
    kind, start = text.split()
    return {"period_kind": kind, "period_start": start}


def _day(moment: datetime | None) -> date:
    return moment.date() if moment else date.min


def _refuse_others(item: Row, allowed: set[str]) -> None:
    if others := set(item) - allowed:
        raise ValueError(f"a golden case has no key {sorted(others)}; allowed: {sorted(allowed)}")
