"""Pay by the rules of the domain in plain Python fractions: what the SQL is compared with. Shares no code with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar

from pay_warehouse import Inputs, Line

from models.scheme_terms import Dated, DirectCostRule, ModuleTerms, Scheme, UnfilledRole

DatedT = TypeVar("DatedT", bound=Dated)

KOPECK = Fraction(1, 100)
QUANTUM = Fraction(1, 10**10)  # money inside a calculation has ten decimals
PayKey = tuple[str, date, str, str, str]  # clinic, month, employee, module, role


@dataclass(frozen=True)
class Earned:
    key: PayKey
    amount: Fraction


def payouts(scheme: Scheme, inputs: Inputs) -> dict[PayKey, Fraction]:
    sums: dict[PayKey, Fraction] = defaultdict(Fraction)
    for earned in _earned(scheme, inputs):
        sums[earned.key] += earned.amount
    return _rounded(_limited(scheme, inputs, _capped(scheme, sums)))


def split(whole: Fraction, weights: Sequence[Fraction]) -> list[Fraction]:
    """Parts of `whole` in proportion, each a whole number of quanta, summing to it; earlier parts win ties."""
    direction = -1 if whole < 0 else 1
    exact = [abs(whole) / QUANTUM * weight / sum(weights) for weight in weights]
    parts = [value.__floor__() for value in exact]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[: int(abs(whole) / QUANTUM) - sum(parts)]:
        parts[index] += 1
    return [direction * part * QUANTUM for part in parts]


def half_away(value: Fraction, quantum: Fraction) -> Fraction:
    count = (abs(value) / quantum + Fraction(1, 2)).__floor__()
    return (-1 if value < 0 else 1) * count * quantum


def _earned(scheme: Scheme, inputs: Inputs) -> list[Earned]:
    lines = {line.service_line_id: line for line in inputs.lines}
    people: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for performer in inputs.performers:
        people[performer.service_line_id].append((performer.role, performer.employee_id))
    result = []
    for line in lines.values():
        if not line.is_performed or line.clinic_id not in scheme.clinics:
            continue
        original = lines.get(line.original_line_id or "", line)
        team = people[line.service_line_id] or people[original.service_line_id]
        for module, terms in scheme.modules.items():
            if terms.stage.value == line.service_stage and original.local_date >= terms.rate.values[0].valid_from:
                month = line.local_date.replace(day=1)
                for role, employee, amount in _of_line(terms, line, original.local_date, team, inputs):
                    result.append(Earned((line.clinic_id, month, employee, module.value, role), amount))
    return result


def _of_line(
    terms: ModuleTerms, line: Line, on: date, team: list[tuple[str, str]], inputs: Inputs
) -> list[tuple[str, str, Fraction]]:
    shares = {role.value: Fraction(share) for role, share in sorted(_in_force(terms.role_shares, on).value.items())}
    filled = {role: sorted(name for worked_as, name in team if worked_as == role) for role in shares}
    if terms.unfilled_role is UnfilledRole.REDISTRIBUTE and any(shares[role] for role in shares if filled[role]):
        shares = {role: share for role, share in shares.items() if filled[role]}
    nets = split(Fraction(line.net_amount), list(shares.values()))
    costs = split(_cost(line, inputs), list(shares.values()))
    rate = Fraction(_in_force(terms.rate.values, on).value)
    result = []
    for role, net, cost in zip(shares, nets, costs, strict=True):
        names = filled[role]
        if not names:
            continue
        equal = [Fraction(1)] * len(names)
        for name, own_net, own_cost in zip(names, split(net, equal), split(cost, equal), strict=True):
            deducted = Fraction(0)
            if terms.direct_cost.rule is DirectCostRule.BEFORE_RATE:
                cost_share = Fraction(_in_force(terms.direct_cost.cost_share, on).value)
                deducted = half_away(own_cost * cost_share, QUANTUM)
            result.append((role, name, half_away((own_net - deducted) * rate, QUANTUM)))
    return result


def _cost(line: Line, inputs: Inputs) -> Fraction:
    if line.direct_cost_amount is not None:
        return Fraction(line.direct_cost_amount)
    norm = inputs.norm_costs.get(line.service_id or "")
    return Fraction(norm) * Fraction(line.quantity) if norm is not None else Fraction(0)


def _in_force(values: Sequence[DatedT], on: date) -> DatedT:
    return [value for value in values if value.valid_from <= on][-1]


def _scaled(amounts: dict[PayKey, Fraction], most: Fraction) -> dict[PayKey, Fraction]:
    """Amounts brought down in proportion until their sum is `most`; parts of one sum may have different signs."""
    total = sum(amounts.values())
    if total <= most:
        return amounts
    exact = {key: most / QUANTUM * amount / total for key, amount in amounts.items()}
    return _distributed(exact, int(most / QUANTUM), QUANTUM)


def _distributed(exact: dict[PayKey, Fraction], whole: int, quantum: Fraction) -> dict[PayKey, Fraction]:
    parts = {key: value.__floor__() for key, value in exact.items()}
    order = sorted(exact, key=lambda key: (parts[key] - exact[key], key[2:]))
    for key in order[: whole - sum(parts.values())]:
        parts[key] += 1
    return {key: part * quantum for key, part in parts.items()}


def _capped(scheme: Scheme, sums: dict[PayKey, Fraction]) -> dict[PayKey, Fraction]:
    groups: dict[tuple[str, date, str, str], dict[PayKey, Fraction]] = defaultdict(dict)
    for key, amount in sums.items():
        groups[key[:4]][key] = amount
    result: dict[PayKey, Fraction] = {}
    for (_, month, _, module), group in groups.items():
        caps = [cap for code, terms in scheme.modules.items() if code == module for cap in terms.employee_month_cap]
        if caps and caps[0].valid_from <= month:
            group = _scaled(group, Fraction(_in_force(caps, month).value))
        result.update(group)
    return result


def _limited(scheme: Scheme, inputs: Inputs, amounts: dict[PayKey, Fraction]) -> dict[PayKey, Fraction]:
    result: dict[PayKey, Fraction] = {}
    for (clinic, month), group in _by_clinic_month(amounts).items():
        limits = scheme.global_limit.net_revenue_share if scheme.global_limit else []
        if limits and limits[0].valid_from <= month:
            revenue = sum(
                Fraction(line.net_amount)
                for line in inputs.lines
                if line.is_performed and line.clinic_id == clinic and line.local_date.replace(day=1) == month
            )
            most = half_away(revenue * Fraction(_in_force(limits, month).value), QUANTUM)
            group = _scaled(group, max(Fraction(0), (most / KOPECK).__floor__() * KOPECK))
        result.update(group)
    return result


def _rounded(amounts: dict[PayKey, Fraction]) -> dict[PayKey, Fraction]:
    result: dict[PayKey, Fraction] = {}
    for group in _by_clinic_month(amounts).values():
        total = sum(group.values(), Fraction(0))
        direction = -1 if total < 0 else 1
        kopecks = int(half_away(abs(total), KOPECK) / KOPECK)
        result.update(_distributed({k: direction * v / KOPECK for k, v in group.items()}, kopecks, direction * KOPECK))
    return result


def _by_clinic_month(amounts: dict[PayKey, Fraction]) -> dict[tuple[str, date], dict[PayKey, Fraction]]:
    groups: dict[tuple[str, date], dict[PayKey, Fraction]] = defaultdict(dict)
    for key, amount in amounts.items():
        groups[key[:2]][key] = amount
    return groups
