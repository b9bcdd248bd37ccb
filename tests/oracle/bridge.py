"""The parts of a change of revenue, worked out by the book: every order of the factors, one after the other.

Written from DECISIONLOG ("Why did revenue change?"), not from the code: factors are values here, not figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

Figures = Sequence[int | None]
Values = list[Fraction]


def by_all_orders(before: Figures, after: Figures) -> Values:
    """Each factor's part is the mean of what its change does in every order of changing them."""
    old, new = factor_values(before, after)
    orders = list(permutations(range(len(old))))
    total = [Fraction(0)] * len(old)
    for order in orders:
        for place, part in enumerate(_in_order(old, new, order)):
            total[place] += part
    return [part / len(orders) for part in total]


def by_declared_order(before: Figures, after: Figures) -> Values:
    old, new = factor_values(before, after)
    return _in_order(old, new, range(len(old)))


def to_kopecks(parts: Values) -> list[int]:
    """Downwards to whole kopecks; what is left goes, one each, to the largest remainders, the earlier of two alike."""
    millionths = [_half_away(part * 1_000_000) for part in parts]
    whole = [part // 1_000_000 for part in millionths]
    left = int(sum(parts, Fraction(0))) - sum(whole)
    remainders = [part - kopecks * 1_000_000 for part, kopecks in zip(millionths, whole, strict=True)]
    while left:
        largest = remainders.index(max(remainders))
        whole[largest], remainders[largest], left = whole[largest] + 1, -1, left - 1
    return whole


def factor_values(before: Figures, after: Figures) -> tuple[Values, Values]:
    """The factors of both periods; their product is the revenue of the period."""
    missing = {place for place in range(len(before) - 1) if _is_missing(before, place) or _is_missing(after, place)}
    old, new = _quotients(before, missing), _quotients(after, missing)
    # A factor of which nothing can be said did not change; if in neither period, it is one.
    neutral = [
        (Fraction(1) if a is None and b is None else a if b is None else b) for a, b in zip(old, new, strict=True)
    ]
    return (
        [neutral[place] if value is None else value for place, value in enumerate(old)],
        [neutral[place] if value is None else value for place, value in enumerate(new)],
    )


def _is_missing(figures: Figures, place: int) -> bool:
    """Unknown, or nothing although something came of it."""
    return figures[place] is None or (figures[place] == 0 and any(figures[place + 1 :]))


def _quotients(figures: Figures, missing: set[int]) -> list[Fraction | None]:
    quotients: list[Fraction | None] = []
    previous = 1
    for place, figure in enumerate(figures):
        if place in missing:
            quotients.append(Fraction(1))
            continue
        quotients.append(Fraction(figure or 0, previous) if previous else None)
        previous = figure or 0
    return quotients


def _in_order(old: Values, new: Values, order: Sequence[int]) -> Values:
    parts = [Fraction(0)] * len(old)
    now = list(old)
    for place in order:
        was = _product(now)
        now[place] = new[place]
        parts[place] = _product(now) - was
    return parts


def _product(values: Values) -> Fraction:
    product = Fraction(1)
    for value in values:
        product *= value
    return product


def _half_away(number: Fraction) -> int:
    doubled = 2 * abs(number) + 1
    whole = doubled.numerator // (2 * doubled.denominator)
    return whole if number >= 0 else -whole
