"""Which clinics a network or a clinic is, and how an oracle's figures are compared with a mart's row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from oracle.computed import all_figures

from models.metric_terms import Metric

Row = dict[str, Any]


def clinics_of(scope: Row, clinics: list[Row]) -> list[str]:
    """The clinics of the scope of a mart's row: a clinic, or a network, which is a source in one currency."""
    if scope["scope_kind"] == "clinic":
        return [scope["clinic_id"]]
    return [
        clinic["clinic_id"]
        for clinic in clinics
        if (clinic["source_id"], clinic["currency"]) == (scope["source_id"], scope["currency"])
    ]


def differences(
    row: Row, measured: dict[str, Any] | None, metrics: dict[str, Metric]
) -> dict[str, tuple[Any, Decimal | None]]:
    """Metric → (mart, oracle), where they differ. Without figures every metric is NULL."""
    figures = dict.fromkeys(metrics) if measured is None else all_figures(Zeros(measured), metrics)
    return {name: (row[name], figure) for name, figure in figures.items() if row[name] != figure}


class Zeros(dict[str, Any]):
    """Where nothing was counted, there is nothing."""

    def __missing__(self, key: str) -> int:
        return 0
