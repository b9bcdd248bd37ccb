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
    """Metric → how it says nothing without being listed as not available, in one of the kinds of scope it is for.

    What is listed and has a value all the same is found, too.
    """
    metrics = CATALOGUE.metrics_of(mart)
    listed = {
        metric
        for (metric,) in home.published(
            "select metric from mart_triune__not_available where source_id = ? and mart = ?", source, mart
        )
    }
    assert listed <= metrics.keys(), "names of no metric of the mart"
    assert home.published(f"select count(*) from {mart} where source_id <> ?", source) == [(0,)], "of another source"
    columns = {column for (column,) in home.published("select column_name from (describe from query_table(?))", mart)}
    kinds = "scope_kind" if "scope_kind" in columns else "null"
    counts = ", ".join(f"count({name}), {_telling(name, metric)}" for name, metric in metrics.items())
    rows = home.published(f"select {kinds} as kind, {counts} from {mart} group by kind")
    found = {} if rows else dict.fromkeys(metrics.keys() - listed, NO_ROWS)
    for kind, *pairs in rows:
        for (name, metric), known, telling in zip(metrics.items(), pairs[::2], pairs[1::2], strict=True):
            if name in listed and known:
                found[name] = LISTED
            elif name not in listed and not telling and (kind is None or kind in metric.scopes):
                found[name] = ZERO if known else NULL
    return found


def _telling(name: str, metric: Metric) -> str:
    """How many values say more than 0; a flag says something either way."""
    return f"count({name})" if metric.unit is Unit.FLAG else f"count(*) filter ({name} <> 0)"
