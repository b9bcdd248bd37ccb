"""The parts of a change: cases worked out by hand, and any two periods against every order of the factors."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.bridge import by_all_orders, by_declared_order, to_kopecks

from orchestration.bridging.parts import chain_substitution, in_kopecks, shapley

# Small numbers meet zero and each other often; `None` is what a source does not deliver.
_figure = st.one_of(st.none(), st.integers(0, 4), st.integers(0, 10**9))
_money = st.one_of(st.integers(-4, 4), st.integers(-(10**12), 10**12))
_pairs = st.integers(1, 5).flatmap(
    lambda length: st.tuples(*(st.tuples(*([_figure] * (length - 1)), _money) for _ in range(2)))
)


def test_two_factors_share_what_they_did_together() -> None:
    # 10 patients × 100.00 → 12 patients × 150.00: 2 × 125 and 50 × 11.
    before, after = (10, 100_000), (12, 180_000)
    assert shapley(before, after) == [25_000, 55_000]
    assert chain_substitution(before, after) == [20_000, 60_000]


def test_three_factors_by_all_six_orders() -> None:
    # 2 × 3 × 5 = 30 → 4 × 3 × 7 = 84: 2 × 3 × 6, 0, 2 × 3 × 3.
    assert shapley((2, 6, 30), (4, 12, 84)) == [36, 0, 18]
    assert chain_substitution((2, 6, 30), (4, 12, 84)) == [30, 0, 24]


def test_a_leaf_is_its_own_factor() -> None:
    assert shapley((700,), (-100,)) == chain_substitution((700,), (-100,)) == [-800]


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        # Nothing was open: how well it would have been filled, nobody knows. All of it is the opening.
        ((0, 0, 0, 0), (50, 25, 15, 900), [900, 0, 0, 0]),
        ((50, 25, 15, 900), (0, 0, 0, 0), [-900, 0, 0, 0]),
        # Open, with doctors, and nobody came.
        ((50, 30, 0, 0), (50, 20, 10, 900), [0, -225, 1125, 0]),
        # Sold for nothing.
        ((50, 25, 10, 0), (50, 25, 10, 900), [0, 0, 0, 900]),
        # Doctors worked while no room was open: the hours of rooms divide nothing.
        ((0, 25, 900), (50, 50, 900), [0, 675, -675]),
        ((0, 25, 900), (0, 0, 0), [0, -900, 0]),
        # The source does not deliver opening hours.
        ((None, 25, 900), (None, 50, 1800), [0, 900, 0]),
        # More was taken back than earned.
        ((10, 1000), (10, -500), [0, -1500]),
        ((10, 1000), (20, -1000), [250, -2250]),
        ((0, 0, 0), (0, 0, 0), [0, 0, 0]),
        ((5, 0, 0), (0, 0, 0), [0, 0, 0]),
    ],
)
def test_zero_and_unknown_figures(before: tuple[int, ...], after: tuple[int, ...], parts: list[int]) -> None:
    assert shapley(before, after) == parts
    assert sum(chain_substitution(before, after)) == sum(parts)


def test_kopecks_that_are_left_over_go_to_the_largest_remainders_and_of_equal_ones_to_the_first() -> None:
    third = Fraction(1, 3)
    assert in_kopecks([third, third, third]) == [1, 0, 0]
    assert in_kopecks([-third, -third, -third]) == [0, 0, -1]
    assert in_kopecks([Fraction(5, 4), Fraction(7, 4), Fraction(-3)]) == [1, 2, -3]
    with pytest.raises(ValueError, match="not a whole number"):
        in_kopecks([third])


@settings(max_examples=1000, deadline=None)
@given(_pairs)
def test_parts_of_any_two_periods_sum_to_the_change_and_are_those_of_every_order(
    pair: tuple[tuple[int | None, ...], tuple[int | None, ...]],
) -> None:
    before, after = pair
    change = (after[-1] or 0) - (before[-1] or 0)
    for parts, by_the_book in (
        (shapley(before, after), by_all_orders(before, after)),
        (chain_substitution(before, after), by_declared_order(before, after)),
    ):
        assert parts == by_the_book
        assert in_kopecks(parts) == to_kopecks(by_the_book)
        assert sum(parts) == sum(in_kopecks(parts)) == change
    there, back = shapley(before, after), shapley(after, before)
    assert there == [-part for part in back]
