"""The bridge in SQL against exact fractions: a thousand random pairs of periods in one pass."""

from __future__ import annotations

import json
import random

import duckdb
import pytest
from dbt_cli import Dbt
from oracle.bridge import by_all_orders, by_declared_order, to_kopecks

SLOTS = 5
INLINE = f"""
with slotted as ({{{{ bridge_slots('pairs', ['pair']) }}}}),
amounts as ({{{{ bridge_amounts('slotted', ['pair'], {SLOTS}) }}}})
{{{{ bridge_parts('slotted', 'amounts', ['pair'], {SLOTS}) }}}}
"""
Chain = tuple[int | None, ...]


def random_pairs(count: int) -> list[tuple[Chain, Chain]]:
    """From tiny figures, which are often zero or alike, to those of a network's year; money may be negative."""
    chance = random.Random(20260302)

    def chain(length: int, size: int) -> Chain:
        figures = [chance.choice([None, 0, *([chance.randint(0, size)] * 8)]) for _ in range(length - 1)]
        return (*figures, chance.choice([0, chance.randint(-size, size), chance.randint(0, 100 * size)]))

    def pair() -> tuple[Chain, Chain]:
        length, size = chance.randint(1, SLOTS), chance.choice([3, 20, 10**4, 10**9])
        return chain(length, size), chain(length, size)

    return [pair() for _ in range(count)]


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("bridge")
    dbt = Dbt(folder / "target")
    shown = dbt.must(
        folder / "warehouse.duckdb", "compile", "--quiet", "--output", "json", "--no-populate-cache", "--inline", INLINE
    )
    return str(json.loads(shown)["compiled"])


def parts_in_sql(sql: str, pairs: list[tuple[Chain, Chain]]) -> list[tuple[list[int], list[int]]]:
    rows = [
        (number, place + 1, before[place], after[place])
        for number, (before, after) in enumerate(pairs)
        for place in range(len(before))
    ]
    random.Random(1).shuffle(rows)
    with duckdb.connect() as connection:
        connection.execute("create table pairs (pair integer, position integer, before hugeint, after hugeint)")
        connection.executemany("insert into pairs values (?, ?, ?, ?)", rows)
        found = connection.execute(
            f"select list(shapley_kopecks order by position), list(chain_kopecks order by position) from ({sql})"
            " group by pair order by pair"
        ).fetchall()
    return [([int(part) for part in shapley], [int(part) for part in chain]) for shapley, chain in found]


def test_parts_are_those_of_exact_fractions_and_sum_to_the_change(sql: str) -> None:
    pairs = random_pairs(2000)
    assert (
        len(
            {
                tuple((chain[-1] or 0) > 0 for chain in pair) + tuple((chain[-1] or 0) < 0 for chain in pair)
                for pair in pairs
            }
        )
        == 9
    )
    for (before, after), (shapley, chain) in zip(pairs, parts_in_sql(sql, pairs), strict=True):
        assert shapley == to_kopecks(by_all_orders(before, after)), (before, after)
        assert chain == to_kopecks(by_declared_order(before, after)), (before, after)
        assert sum(shapley) == sum(chain) == (after[-1] or 0) - (before[-1] or 0)


def test_figures_far_beyond_any_clinic_do_not_leave_the_digits(sql: str) -> None:
    before, after = (1, 10**9, 1, 10**9, 10**13), (10**10, 7, 10**9, 3, -(10**13))
    ((shapley, chain),) = parts_in_sql(sql, [(before, after)])
    assert sum(shapley) == sum(chain) == -2 * 10**13


def test_an_unknown_amount_has_no_parts(sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table pairs as select 1 as pair, 1 as position, null::hugeint as before, 5::hugeint as after"
        )
        assert connection.execute(f"select shapley_kopecks, chain_kopecks from ({sql})").fetchall() == [(None, None)]
