"""Rounds what an oracle measured and works out what follows from it, by the formulas of the catalogue."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from models.metric_terms import Metric, Unit

PLACES = {Unit.COUNT: 0, Unit.SECONDS: 0, Unit.AMOUNT: 2, Unit.MINUTES: 4}


def all_figures(measured: dict[str, Any], metrics: dict[str, Metric]) -> dict[str, Decimal | None]:
    """Every metric of a mart. What is shown is rounded once; a quotient is taken of what is not a quotient itself."""
    return {name: _shown(name, measured, metrics) for name in metrics}


def _shown(name: str, measured: dict[str, Any], metrics: dict[str, Metric]) -> Decimal | None:
    value = _exact(name, measured, metrics)
    return None if value is None else half_away(value, PLACES.get(metrics[name].unit, 6))


def _exact(name: str, measured: dict[str, Any], metrics: dict[str, Metric]) -> Fraction | int | None:
    metric = metrics[name]
    if metric.sum_of:
        total = Fraction(0)
        for term in metric.sum_of:
            # Parts that are shown add up as they are shown.
            part = _shown(term.removeprefix("-"), measured, metrics)
            if part is None:
                return None
            total += -Fraction(part) if term.startswith("-") else Fraction(part)
        return total
    if metric.numerator:
        numerator = _exact(metric.numerator, measured, metrics)
        denominator = (
            Fraction(metric.denominator)
            if isinstance(metric.denominator, int)
            else _exact(str(metric.denominator), measured, metrics)
        )
        return None if numerator is None or not denominator else Fraction(numerator * metric.factor) / denominator
    value = measured[name]
    return value if value is None or isinstance(value, int) else Fraction(value)


def half_away(value: Fraction | int, places: int) -> Decimal:
    """Rounded half away from zero."""
    parts, whole = 2 * abs(value.numerator) * 10**places, 2 * value.denominator
    rounded = (parts + value.denominator) // whole
    return Decimal(rounded if value >= 0 else -rounded).scaleb(-places)
