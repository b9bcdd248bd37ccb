"""Of which metrics of the catalogue a published file says nothing. No tests."""

from __future__ import annotations

from typing import NamedTuple

from homes import Home

from models.metric_terms import Metric, Unit
from models.metrics import load_catalogue

CATALOGUE = load_catalogue()
MARTS = sorted(CATALOGUE.domain_of_mart)

NO_ROWS = "no rows"
NULL = "NULL throughout"
ZERO = "0 throughout"
LISTED = "listed as not available, and has values"


class Silence(NamedTuple):
    """Why available metrics say nothing: a fact of the raw files, with a query that counts what would contradict it."""

    why: str
    how: str
    counterexamples: str
    metrics: dict[str, list[str]]


def silences_of(mart: str, reasons: list[Silence]) -> dict[str, str]:
    """What is known beforehand of a mart: metric → how it says nothing."""
    return {metric: reason.how for reason in reasons for metric in reason.metrics.get(mart, [])}


def silent_metrics(home: Home, source: str, mart: str) -> dict[str, str]:
    """Metric → how it says nothing without being listed as not available; and what is listed wrongly."""
    metrics = CATALOGUE.metrics_of(mart)
    listed = {
        metric
        for (metric,) in home.published(
            "select metric from mart_triune__not_available where source_id = ? and mart = ?", source, mart
        )
    }
    assert listed <= metrics.keys(), "names of no metric of the mart"
    counts = ", ".join(f"count({name}), {_telling(name, metric)}" for name, metric in metrics.items())
    rows, *pairs = home.published(f"select count(*), {counts} from {mart} where source_id = ?", source)[0]
    assert home.published(f"select count(*) from {mart}") == [(rows,)], "rows of another source"
    found = {}
    for name, known, telling in zip(metrics, pairs[::2], pairs[1::2], strict=True):
        if name in listed:
            state = LISTED if known else None
        else:
            state = NO_ROWS if not rows else NULL if not known else ZERO if not telling else None
        if state:
            found[name] = state
    return found


def _telling(name: str, metric: Metric) -> str:
    """How many values say more than 0; a flag says something either way."""
    return f"count({name})" if metric.unit is Unit.FLAG else f"count(*) filter ({name} <> 0)"
