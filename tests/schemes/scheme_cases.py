"""Reads the golden cases (`*.yaml` beside this file). Each case is a clinic and a scenario of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pay_warehouse import Inputs, Line, Performer

from models.schemes import Scheme, scheme_from
from models.yaml_reader import Document, read_document

PayKey = tuple[date, str, str, str]  # month, employee, module, role
_LINE_KEYS = {"line", "day", "stage", "net", "cost", "quantity", "service", "takes_back", "status", "by"}
_CASE_KEYS = {"name", "says", "scheme", "norm_costs", "lines", "payouts", "steps", "kept_by_clinic"}


@dataclass(frozen=True)
class Case:
    """A scheme, what happened, and what must be paid for it."""

    name: str
    says: str
    scheme: Scheme
    inputs: Inputs
    payouts: dict[PayKey, Decimal]
    steps: dict[PayKey, dict[str, Decimal]]
    kept_by_clinic: dict[str, Decimal]

    @property
    def clinic_id(self) -> str:
        return f"case:{self.name}"


def load_cases() -> list[Case]:
    paths = sorted(Path(__file__).parent.glob("*.yaml"))
    return [_case(path, item) for path in paths for item in read_document(path).data["cases"]]


def _case(path: Path, item: dict[str, Any]) -> Case:
    _refuse_others(item, _CASE_KEYS)
    name = item["name"]
    clinic_id = f"case:{name}"
    header = {"scheme": name, "scenario": name, "title": item["says"], "currency": "RUB", "clinics": [clinic_id]}
    return Case(
        name=name,
        says=item["says"],
        scheme=scheme_from(Document(path, header | item["scheme"], {})),
        inputs=Inputs(
            lines=[_line(clinic_id, line) for line in item["lines"]],
            performers=[
                Performer(f"{clinic_id}:{line['line']}", employee, role)
                for line in item["lines"]
                for role, employees in line.get("by", {}).items()
                for employee in employees
            ],
            norm_costs={f"{clinic_id}:{key}": Decimal(value) for key, value in item.get("norm_costs", {}).items()},
            clinics={clinic_id: "RUB"},
        ),
        payouts={_key(key): Decimal(amount) for key, amount in item["payouts"].items()},
        steps={
            _key(key): {step: Decimal(amount) for step, amount in steps.items()}
            for key, steps in item.get("steps", {}).items()
        },
        kept_by_clinic={role: Decimal(amount) for role, amount in item.get("kept_by_clinic", {}).items()},
    )


def _line(clinic_id: str, item: dict[str, Any]) -> Line:
    _refuse_others(item, _LINE_KEYS)
    service, original = item.get("service"), item.get("takes_back")
    return Line(
        service_line_id=f"{clinic_id}:{item['line']}",
        clinic_id=clinic_id,
        local_date=item["day"],
        service_stage=item["stage"],
        net_amount=Decimal(item["net"]),
        direct_cost_amount=Decimal(item["cost"]) if "cost" in item else None,
        quantity=Decimal(item.get("quantity", "1")),
        service_id=f"{clinic_id}:{service}" if service else None,
        original_line_id=f"{clinic_id}:{original}" if original else None,
        is_performed=item.get("status", "performed") == "performed",
        is_refund=original is not None,
    )


def _key(text: str) -> PayKey:
    """`2026-01 E1 M2 doctor`"""
    month, employee, module, role = text.split()
    return date.fromisoformat(f"{month}-01"), employee, module, role


def _refuse_others(item: dict[str, Any], allowed: set[str]) -> None:
    others = set(item) - allowed
    if others:
        raise ValueError(f"a golden case has no key {sorted(others)}; allowed: {sorted(allowed)}")
