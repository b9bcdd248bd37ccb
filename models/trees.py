"""Reads the trees of the revenue (`metrics/trees.yaml`): which factors multiply to which branch. Computes no figure.

A branch is a chain of figures: room seconds → doctor seconds → sold seconds → slots sold → slotted revenue. A factor is
the step from one figure to the next, so the product of the factors is the branch whatever the figures are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from models import metric_terms
from models.metric_terms import Domain, Metric, Unit
from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

TREES_FILE = "trees.yaml"
KOPECKS = 100
# Figures that are whole numbers, with money in kopecks; hours and shares are rounded and would not multiply back.
_WHOLE = (Unit.COUNT, Unit.SECONDS, Unit.AMOUNT)


@dataclass(frozen=True)
class Factor:
    """One step of a chain. Its value is `scale` × its figure / the figure before; money is counted in kopecks."""

    name: str
    figure: str
    unit: Unit
    # Whether the figure is money.
    is_amount: bool
    scale: Fraction


@dataclass(frozen=True)
class Branch:
    name: str
    factors: tuple[Factor, ...]


@dataclass(frozen=True)
class Tree:
    name: str
    mart: str
    branches: tuple[Branch, ...]

    @property
    def figures(self) -> list[str]:
        """Every column of the mart that the tree reads, each once."""
        return list(dict.fromkeys(factor.figure for branch in self.branches for factor in branch.factors))


def read_trees(path: Path, domains: dict[str, Domain]) -> dict[str, Tree]:
    """The trees by their domain; none if there is no such file.

    Raises:
        DefinitionError: with file, line and key of every mistake: unknown metrics, a branch that is not the
            product of its factors.
    """
    if not path.exists():
        return {}
    document = read_document(path)
    problems: list[Problem] = []
    trees: dict[str, Tree] = {}
    for name, tree in validate(document, metric_terms.Trees).trees.items():
        found = list(_problems(document, name, tree, domains.get(name)))
        problems += found
        if not found:
            trees[name] = Tree(name, tree.mart, tuple(_branches(tree, domains[name])))
    if problems:
        raise DefinitionError(problems)
    return trees


def _branches(tree: metric_terms.Tree, domain: Domain) -> Iterator[Branch]:
    for name, factors in tree.branches.items():
        yield Branch(name, tuple(_factor(factor, domain.metrics) for factor in factors or (name,)))


def _factor(name: str, metrics: dict[str, Metric]) -> Factor:
    (figure, scale), (before, denominator) = _sides(name, metrics)
    scale *= Fraction(_whole(before, metrics), _whole(figure, metrics)) / denominator
    return Factor(name, figure, metrics[name].unit, metrics[figure].unit is Unit.AMOUNT, scale)


def _whole(figure: str | None, metrics: dict[str, Metric]) -> int:
    """In how many whole units one of a figure is counted."""
    return KOPECKS if figure and metrics[figure].unit is Unit.AMOUNT else 1


def _sides(name: str, metrics: dict[str, Metric]) -> tuple[tuple[str, Fraction], tuple[str | None, Fraction]]:
    """Numerator and denominator of a factor: each a figure and its multiplier; a figure alone has no denominator."""
    metric = metrics[name]
    if metric.numerator is None or isinstance(metric.denominator, int):
        return _figure(name, metrics), (None, Fraction(1))
    assert metric.denominator is not None
    figure, scale = _figure(metric.numerator, metrics)
    return (figure, scale * metric.factor), _figure(metric.denominator, metrics)


def _figure(name: str, metrics: dict[str, Metric]) -> tuple[str, Fraction]:
    """What a figure comes down to: hours are seconds / 3600."""
    metric = metrics[name]
    if metric.numerator is None or not isinstance(metric.denominator, int):
        return name, Fraction(1)
    figure, scale = _figure(metric.numerator, metrics)
    return figure, scale * Fraction(metric.factor, metric.denominator)


def _problems(document: Document, name: str, tree: metric_terms.Tree, domain: Domain | None) -> Iterator[Problem]:
    if domain is None or tree.mart not in domain.marts:
        yield document.problem(("trees", name, "mart"), f"'{tree.mart}' is not among the marts of domain '{name}'")
        return
    shown = {metric for metric, about in domain.metrics.items() if not about.marts or tree.mart in about.marts}
    for branch, factors in tree.branches.items():
        at = ("trees", name, "branches", branch)
        if unknown := [metric for metric in (branch, *factors) if metric not in shown]:
            yield document.problem(at, f"{tree.mart} has no {', '.join(unknown)}")
            continue
        if domain.metrics[branch].unit is not Unit.AMOUNT:
            yield document.problem(at, "a branch is an amount")
        before: str | None = None
        for factor in factors or (branch,):
            (figure, _), (denominator, _) = _sides(factor, domain.metrics)
            if denominator != before:
                wanted = f"be a quotient of '{before}'" if before else "be a figure, not a quotient"
                yield document.problem(at, f"'{factor}' has to {wanted}")
            if domain.metrics[figure].unit not in _WHOLE or figure not in shown:
                yield document.problem(at, f"'{figure}', behind '{factor}', is no whole number that {tree.mart} shows")
            before = figure
        if before != branch:
            yield document.problem(at, f"the factors come to '{before}'")
