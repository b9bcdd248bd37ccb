"""Seeded random lines, refunds and participants, and two schemes over the same clinics. No expectations here."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pay_warehouse import Inputs, Line, Performer

from models.schemes import Scheme, scheme_from
from models.yaml_reader import Document

CLINICS = ["random:K1", "random:K2", "random:K3"]
STAGES = {"M2": "consultation", "M3": "diagnostics", "M5": "treatment"}
ROLES = ["doctor", "nurse", "assistant", "operator"]
FIRST_DAY = date(2026, 1, 1)


def random_inputs(seed: int, count: int) -> Inputs:
    """Amounts from a kopeck up, teams of none to five, voided lines, refunds in the same and in later months."""
    rng = random.Random(seed)
    lines: list[Line] = []
    performers: list[Performer] = []
    norms = {f"random:S{number}": Decimal(rng.randint(0, 40_000)) / 100 for number in range(4)}
    for number in range(count):
        sold = [line for line in lines if line.net_amount > 0]
        line = _refund(rng, number, rng.choice(sold)) if sold and rng.random() < 0.15 else _sale(rng, number, norms)
        lines.append(line)
        if line.is_refund and rng.random() < 0.5:
            continue  # the refund names nobody
        team = {(rng.choice(ROLES), f"random:E{rng.randint(1, 9)}") for _ in range(rng.randint(0, 5))}
        performers += [Performer(line.service_line_id, employee, role) for role, employee in sorted(team)]
    return Inputs(lines, performers, norms, dict.fromkeys(CLINICS, "RUB"))


def _sale(rng: random.Random, number: int, norms: dict[str, Decimal]) -> Line:
    return Line(
        service_line_id=f"random:L{number}",
        clinic_id=rng.choice(CLINICS),
        local_date=FIRST_DAY + timedelta(days=rng.randint(-3, 88)),
        service_stage=rng.choice([*STAGES.values(), "retail"]),
        net_amount=Decimal(rng.choice([rng.randint(0, 9), rng.randint(0, 99_999), rng.randint(0, 50_000_000)])) / 100,
        direct_cost_amount=None if rng.random() < 0.5 else Decimal(rng.randint(0, 50_000)) / 100,
        quantity=Decimal(rng.randint(1, 30_000)) / 10_000,
        service_id=rng.choice([*norms, None]),
        is_performed=rng.random() < 0.95,
    )


def _refund(rng: random.Random, number: int, original: Line) -> Line:
    part = rng.choice([Decimal(1), Decimal("0.5"), Decimal("0.37")])
    return Line(
        service_line_id=f"random:L{number}",
        clinic_id=original.clinic_id,
        local_date=original.local_date + timedelta(days=rng.choice([0, 3, 30])),
        service_stage=original.service_stage,
        net_amount=-(original.net_amount * part).quantize(Decimal("0.01")),
        direct_cost_amount=rng.choice([None, Decimal(0), -(original.direct_cost_amount or Decimal(0))]),
        quantity=-(original.quantity * part).quantize(Decimal("0.0001")),
        service_id=original.service_id,
        original_line_id=original.service_line_id,
        is_refund=True,
    )


def random_schemes() -> list[Scheme]:
    """Two scenarios over the same clinics: one whose limits bind often, one without a global limit."""
    strict = {module: _terms(module, "redistribute", cap="5000.00", cost_share="0.333") for module in STAGES}
    loose = {module: _terms(module, "clinic", cap=None, cost_share=None) for module in STAGES}
    limit = {"method": "pro_rata", "net_revenue_share": [_value("0.0312345678"), _value("0.9", "2026-03-01")]}
    return [
        _scheme("random_strict", strict, {"global_limit": limit}, CLINICS),
        _scheme("random_loose", loose, {}, CLINICS[:2]),
    ]


def _scheme(name: str, modules: dict[str, Any], more: dict[str, Any], clinics: list[str]) -> Scheme:
    header = {"scheme": name, "scenario": name, "title": name, "currency": "RUB", "clinics": clinics}
    return scheme_from(Document(Path(name), {**header, **more, "modules": modules}, {}))


def _terms(module: str, unfilled: str, cap: str | None, cost_share: str | None) -> dict[str, Any]:
    costs = {"rule": "before_rate", "cost_share": [_value(cost_share)]} if cost_share else {"rule": "none"}
    shares = [
        _value({"doctor": "0.6", "nurse": "0.1333333333", "assistant": "0.2666666667"}),
        _value({"doctor": "0.5", "operator": "0.5"}, "2026-02-11"),
    ]
    return {
        "title": module,
        "stage": STAGES[module],
        "rate": {"unit": "share_of_base", "values": [_value("0.0777"), _value("0.15", "2026-02-01")]},
        "role_shares": shares,
        "unfilled_role": unfilled,
        "direct_cost": costs,
        "employee_month_cap": [_value(cap, "2026-02-01")] if cap else [],
    }


def _value(value: Any, start: str = "2026-01-01") -> dict[str, Any]:
    return {"from": date.fromisoformat(start), "value": value, "act": "Order 1"}
