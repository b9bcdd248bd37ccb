"""A tree of two periods: each factor before and after, and its part of the change. And what other factors would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from models.trees import Branch, Factor, Tree
from orchestration.bridging.figures import Figures
from orchestration.bridging.parts import chain_substitution, in_kopecks, rounded, shapley


@dataclass(frozen=True)
class FactorPart:
    """Kopecks; None where the source does not deliver the amount of the branch."""

    factor: Factor
    before: Fraction | None
    after: Fraction | None
    shapley: int | None
    chain: int | None


@dataclass(frozen=True)
class BranchBridge:
    branch: Branch
    parts: tuple[FactorPart, ...]


@dataclass(frozen=True)
class Effect:
    """What a changed factor makes of the amount of its branch, in kopecks. No `factor`: all together."""

    branch: Branch
    factor: Factor | None
    before: Fraction | None
    after: Fraction | None
    effect: int | None


def bridge(tree: Tree, before: Figures, after: Figures) -> list[BranchBridge]:
    return [_bridge(branch, before, after) for branch in tree.branches]


def revenue(tree: Tree, figures: Figures) -> int:
    """The branches that the source delivers; what it does not, another branch holds."""
    return sum(figures[branch.name] or 0 for branch in tree.branches)


def effects(tree: Tree, figures: Figures, changes: Mapping[str, Fraction]) -> list[Effect]:
    """Each factor of `changes` (its name → what it is multiplied by) alone, then all of a branch together."""
    found: list[Effect] = []
    for branch in tree.branches:
        values = _values(branch, figures)
        amount = figures[branch.name]
        changed = [factor for factor in branch.factors if factor.name in changes and values[factor.name] is not None]
        for factor in changed:
            value, growth = values[factor.name], changes[factor.name]
            found.append(Effect(branch, factor, value, _times(value, growth), _growth(amount, growth)))
        if changed:
            growth = prod((changes[factor.name] for factor in changed), start=Fraction(1))
            whole = None if amount is None else Fraction(amount)
            found.append(Effect(branch, None, whole, _times(whole, growth), _growth(amount, growth)))
    return found


def _bridge(branch: Branch, before: Figures, after: Figures) -> BranchBridge:
    old = [before[factor.figure] for factor in branch.factors]
    new = [after[factor.figure] for factor in branch.factors]
    values = zip(branch.factors, _values(branch, before).values(), _values(branch, after).values(), strict=True)
    if old[-1] is None or new[-1] is None:
        return BranchBridge(branch, tuple(FactorPart(*factor, None, None) for factor in values))
    parts = zip(in_kopecks(shapley(old, new)), in_kopecks(chain_substitution(old, new)), strict=True)
    return BranchBridge(
        branch, tuple(FactorPart(*factor, *of_factor) for factor, of_factor in zip(values, parts, strict=True))
    )


def _values(branch: Branch, figures: Figures) -> dict[str, Fraction | None]:
    """The factors in their own units; None for one that divides by nothing."""
    values: dict[str, Fraction | None] = {}
    previous: int | None = 1
    for factor in branch.factors:
        figure = figures[factor.figure]
        values[factor.name] = factor.scale * Fraction(figure, previous) if previous and figure is not None else None
        previous = figure
    return values


def _times(value: Fraction | None, growth: Fraction) -> Fraction | None:
    return None if value is None else value * growth


def _growth(amount: int | None, growth: Fraction) -> int | None:
    return None if amount is None else rounded(amount * growth) - amount
