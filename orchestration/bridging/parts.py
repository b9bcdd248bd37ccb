"""The parts of a change, in exact arithmetic: two chains of figures in, one part per factor out.

`dbt_project/macros/bridge.sql` computes the same for every pair of neighbouring periods (tested against this module).
The rules for figures that are zero or unknown are in DECISIONLOG.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import factorial, floor, prod

# Of one period, along a branch: its last figure is the branch itself. Whole numbers, money in kopecks; None: unknown.
Figures = Sequence[int | None]
# Parts are rounded to a millionth of a kopeck first, so that equal ones stay equal in any arithmetic.
MICRO = 10**6


def shapley(before: Figures, after: Figures) -> list[Fraction]:
    """The parts, whatever the order of the factors: each is the mean of its parts over all orders."""
    places, old, new = _factors(before, after)
    count = len(places)
    parts = [Fraction(0)] * len(before)
    for mine, place in enumerate(places):
        others = [factor for factor in range(count) if factor != mine]
        for size in range(count):
            weight = Fraction(factorial(size) * factorial(count - 1 - size), factorial(count))
            for changed in combinations(others, size):
                rest = prod((new if factor in changed else old)[factor] for factor in others)
                parts[place] += weight * rest * (new[mine] - old[mine])
    return parts


def chain_substitution(before: Figures, after: Figures) -> list[Fraction]:
    """The parts if the factors change one after the other, in the order of the branch."""
    places, old, new = _factors(before, after)
    parts = [Fraction(0)] * len(before)
    for mine, place in enumerate(places):
        parts[place] = prod(new[:mine]) * (new[mine] - old[mine]) * prod(old[mine + 1 :])
    return parts


def in_kopecks(parts: Sequence[Fraction]) -> list[int]:
    """Whole kopecks with the sum of the parts: the largest remainders are rounded up, the first of equal ones."""
    total = sum(parts, Fraction(0))
    if total.denominator != 1:
        raise ValueError(f"the parts sum to {total}, which is not a whole number of kopecks")
    micro = [rounded(part * MICRO) for part in parts]
    kopecks = [part // MICRO for part in micro]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(micro[place] % MICRO), place))
    for place in by_remainder[: int(total) - sum(kopecks)]:
        kopecks[place] += 1
    return kopecks


def _factors(before: Figures, after: Figures) -> tuple[list[int], list[Fraction], list[Fraction]]:
    """The places of the factors that can have a part, and their values before and after.

    A figure that is zero or unknown in either period divides nothing: it is left out, and its step is taken together
    with the next one. If all is zero from some figure on in one of the periods, the rest of the chain is one step, to
    the amount, in the place of that figure: where nothing was open, nothing can be said of how well it was filled.
    """
    kept = [place for place in range(len(before) - 1) if before[place] and after[place]]
    places = [*kept, _end(before, after) if after[-1] else _end(after, before)]
    return places, _steps(before, kept), _steps(after, kept)


def _end(ending: Figures, other: Figures) -> int:
    """The place where `ending` comes to nothing and `other` does not; the last one if it comes to something."""
    something = [place for place, figure in enumerate(ending) if figure]
    nothing = range(something[-1] + 1 if something else 0, len(ending))
    return next((place for place in nothing if ending[place] is not None and other[place]), len(ending) - 1)


def _steps(figures: Figures, kept: list[int]) -> list[Fraction]:
    chain = [1, *(figures[place] or 0 for place in kept), figures[-1] or 0]
    return [Fraction(figure, previous) for previous, figure in pairwise(chain)]


def rounded(number: Fraction) -> int:
    """Half away from zero."""
    whole = floor(abs(number) + Fraction(1, 2))
    return whole if number >= 0 else -whole
