"""The trees of the revenue: what a factor is made of, and what is refused, with file and line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from models.metric_terms import Domain, Unit
from models.metrics import load_catalogue
from models.trees import read_trees
from models.yaml_reader import DefinitionError

DOMAIN = """
domain: rooms
label: Rooms
label_ru: Залы
marts: [mart_tree, mart_day]
metrics:
  open_seconds: {label: abc, label_ru: abc, description: abc, unit: seconds, needs: [shifts.shift_id]}
  sold_seconds: {label: abc, label_ru: abc, description: abc, unit: seconds, needs: [shifts.shift_id]}
  revenue: {label: abc, label_ru: abc, description: abc, unit: amount, needs: [shifts.shift_id]}
  other: {label: abc, label_ru: abc, description: abc, unit: amount, needs: [shifts.shift_id]}
  slots: {label: abc, label_ru: abc, description: abc, unit: count, needs: [shifts.shift_id], marts: [mart_day]}
  open_hours: {label: abc, label_ru: abc, description: abc, unit: hours, numerator: open_seconds, denominator: 3600}
  sold_hours: {label: abc, label_ru: abc, description: abc, unit: hours, numerator: sold_seconds, denominator: 3600}
  fill_rate: {label: abc, label_ru: abc, description: abc, unit: share, numerator: sold_hours, denominator: open_hours}
  hour_value: {label: abc, label_ru: abc, description: abc, unit: amount, numerator: revenue, denominator: sold_seconds,
    factor: 3600}
  per_hour: {label: abc, label_ru: abc, description: abc, unit: amount, numerator: revenue, denominator: open_hours}
"""
TREES = """
trees:
  rooms:
    mart: mart_tree
    branches:
      revenue: [open_hours, fill_rate, hour_value]
      other: []
"""


@pytest.fixture
def domains() -> dict[str, Domain]:
    return {"rooms": Domain.model_validate(yaml.safe_load(DOMAIN))}


def refusal(folder: Path, domains: dict[str, Domain], text: str) -> list[str]:
    (folder / "trees.yaml").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        read_trees(folder / "trees.yaml", domains)
    return [f"{problem.line}: {problem.key}: {problem.message}" for problem in caught.value.problems]


def test_a_factor_is_the_step_from_one_figure_to_the_next(tmp_path: Path, domains: dict[str, Domain]) -> None:
    (tmp_path / "trees.yaml").write_text(TREES)
    tree = read_trees(tmp_path / "trees.yaml", domains)["rooms"]
    revenue, other = tree.branches
    assert [(factor.name, factor.figure, factor.scale) for factor in revenue.factors] == [
        ("open_hours", "open_seconds", Fraction(1, 3600)),
        ("fill_rate", "sold_seconds", Fraction(1)),
        ("hour_value", "revenue", Fraction(3600, 100)),  # kopecks per second → money per hour
    ]
    assert [(factor.name, factor.unit, factor.is_amount) for factor in other.factors] == [("other", Unit.AMOUNT, True)]
    assert tree.figures == ["open_seconds", "sold_seconds", "revenue", "other"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  rooms:", "  halls:", "4: trees.halls.mart: 'mart_tree' is not among the marts of domain 'halls'"),
        ("mart_tree", "mart_week", "4: trees.rooms.mart: 'mart_week' is not among the marts of domain 'rooms'"),
        ("fill_rate,", "fill,", "6: trees.rooms.branches.revenue: mart_tree has no fill"),
        ("fill_rate,", "slots,", "6: trees.rooms.branches.revenue: mart_tree has no slots"),
        ("other: []", "sold_hours: []", "7: trees.rooms.branches.sold_hours: a branch is an amount"),
        ("open_hours, fill_rate", "fill_rate, open_hours", "'fill_rate' has to be a figure, not a quotient"),
        ("fill_rate, hour_value", "hour_value", "'hour_value' has to be a quotient of 'open_seconds'"),
        ("other: []", "other: [open_hours, per_hour]", "7: trees.rooms.branches.other: the factors come to 'revenue'"),
        ("[open_hours, fill", "[per_hour, fill", "'per_hour' has to be a figure, not a quotient"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, domains: dict[str, Domain], old: str, new: str, said: str
) -> None:
    assert any(said in problem for problem in refusal(tmp_path, domains, TREES.replace(old, new)))


def test_the_trees_of_the_three_forms_are_sums_of_their_branches() -> None:
    """A factor has one place: the sensitivity of a branch to it is then that of the revenue."""
    for tree in load_catalogue().trees.values():
        factors = [factor.name for branch in tree.branches for factor in branch.factors]
        assert len(factors) == len(set(factors)), tree.name
