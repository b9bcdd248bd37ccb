"""The parts of a change of revenue, worked out by the book: every order of the factors, one after the other.

Written from DECISIONLOG ("Why did revenue change?"), not from the code: factors are values here, not figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import permutations

Figures = Sequence[int | None]
Values = list[Fraction]

# Form → branch → its factors: name, the figure that it leads to, and what one of figure / figure before is worth.
_KOPECK = Fraction(1, 100)
FORMS: dict[str, dict[str, list[tuple[str, str, Fraction]]]] = {
    "commerce": {
        "revenue_primary_amount": [
            ("primary_patients", "primary_patients", Fraction(1)),
            ("visits_per_primary", "primary_visits", Fraction(1)),
            ("avg_primary_visit_value", "revenue_primary_amount", _KOPECK),
        ],
        "revenue_secondary_amount": [
            ("secondary_patients", "secondary_patients", Fraction(1)),
            ("visits_per_secondary", "secondary_visits", Fraction(1)),
            ("avg_secondary_visit_value", "revenue_secondary_amount", _KOPECK),
        ],
        "revenue_unattributed_amount": [("revenue_unattributed_amount", "revenue_unattributed_amount", _KOPECK)],
    },
    "utilisation": {
        "slotted_revenue_amount": [
            ("room_hours", "room_seconds", Fraction(1, 3600)),
            ("doctor_fill_rate", "doctor_seconds", Fraction(1)),
            ("patient_fill_rate", "sold_seconds", Fraction(1)),
            ("slots_per_hour", "slots_sold", Fraction(3600)),
            ("slot_value", "slotted_revenue_amount", _KOPECK),
        ],
        "unslotted_revenue_amount": [("unslotted_revenue_amount", "unslotted_revenue_amount", _KOPECK)],
    },
    "potential": {
        "revenue_new_plans_amount": [
            ("consultations", "consultations", Fraction(1)),
            ("plans_per_consultation", "plans_presented", Fraction(1)),
            ("items_per_plan", "presented_items", Fraction(1)),
            ("price_per_item", "presented_amount", _KOPECK),
            ("new_plans_realisation_rate", "revenue_new_plans_amount", Fraction(1)),
        ],
        "revenue_earlier_plans_amount": [("revenue_earlier_plans_amount", "revenue_earlier_plans_amount", _KOPECK)],
        "revenue_unpresented_plans_amount": [
            ("revenue_unpresented_plans_amount", "revenue_unpresented_plans_amount", _KOPECK)
        ],
        "revenue_without_plan_amount": [("revenue_without_plan_amount", "revenue_without_plan_amount", _KOPECK)],
    },
}
# Of these there cannot be more than the whole.
SHARES = ("doctor_fill_rate", "patient_fill_rate", "new_plans_realisation_rate")


def shown_values(factors: list[tuple[str, str, Fraction]], figures: Figures) -> list[Fraction | None]:
    """What a reader sees of each factor; nothing where it divides by nothing."""
    shown: list[Fraction | None] = []
    previous: int | None = 1
    for (_, _, worth), figure in zip(factors, figures, strict=True):
        shown.append(Fraction(figure, previous) * worth if previous and figure is not None else None)
        previous = figure
    return shown


def base_of(kind: str, start: date, against: str) -> date:
    """The first day of the period that one is compared with."""
    if kind == "week":
        return start - timedelta(weeks=1 if against == "previous" else 52)
    if against == "year_ago" or kind == "year":
        return start.replace(year=start.year - 1)
    months = start.year * 12 + start.month - 1 - (1 if kind == "month" else 3)
    return date(months // 12, months % 12 + 1, 1)


def by_all_orders(before: Figures, after: Figures) -> Values:
    """Each factor's part is the mean of what its change does in every order of changing them."""
    old, new = factor_values(before, after)
    known: dict[frozenset[int], Fraction] = {}
    orders = list(permutations(range(len(old))))
    total = [Fraction(0)] * len(old)
    for order in orders:
        for place, part in enumerate(_in_order(old, new, order, known)):
            total[place] += part
    return [part / len(orders) for part in total]


def by_declared_order(before: Figures, after: Figures) -> Values:
    old, new = factor_values(before, after)
    return _in_order(old, new, range(len(old)), {})


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


def _in_order(old: Values, new: Values, order: Sequence[int], known: dict[frozenset[int], Fraction]) -> Values:
    """What each change does, one after the other. `known`: the product once some have changed."""
    parts = [Fraction(0)] * len(old)
    changed: frozenset[int] = frozenset()
    for place in order:
        was = _product(old, new, changed, known)
        changed |= {place}
        parts[place] = _product(old, new, changed, known) - was
    return parts


def _product(old: Values, new: Values, changed: frozenset[int], known: dict[frozenset[int], Fraction]) -> Fraction:
    if changed not in known:
        product = Fraction(1)
        for place in range(len(old)):
            product *= (new if place in changed else old)[place]
        known[changed] = product
    return known[changed]


def _half_away(number: Fraction) -> int:
    doubled = 2 * abs(number) + 1
    whole = doubled.numerator // (2 * doubled.denominator)
    return whole if number >= 0 else -whole
