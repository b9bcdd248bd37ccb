"""The number and interval macros against Python's exact arithmetic."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tricky_build import Built

# Each macro over a column, rendered by dbt once.
INLINE = """
money: {{ money_quotient('n', 'd') }}
rate: {{ exact_quotient('n', 'd') }}
hours: {{ hours_of('seconds') }}
minutes: {{ minutes_of('seconds') }}
whole: {{ whole_quotient('n', 'd') }}
"""
UNION = "{{ union_seconds('intervals', ['room']) }}"

amounts = st.decimals(min_value=Decimal("-999999999999.99"), max_value=Decimal("999999999999.99"), places=2)
quantities = st.decimals(min_value=Decimal("-9999999.9999"), max_value=Decimal("9999999.9999"), places=4)
# Ties are rare among random numbers and are where rounding goes wrong.
ties = st.tuples(st.integers(-(10**9), 10**9), st.sampled_from([2, 4, 8, 20, 40, 200])).map(
    lambda pair: (Decimal(pair[0]) / 100, Decimal(pair[1]))
)
pairs = st.one_of(st.tuples(amounts, quantities), st.tuples(amounts, st.just(Decimal(0))), ties)


@pytest.fixture(scope="module")
def macros(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Macro name → the SQL it renders."""
    shown = built.dbt.must(
        tmp_path_factory.mktemp("macros") / "warehouse.duckdb",
        *("compile", "--quiet", "--output", "json", "--inline", INLINE + "union: " + UNION),
    )
    compiled = str(json.loads(shown)["compiled"])
    numbers, union = compiled.split("union:", 1)
    rendered = {"union": union.strip()}
    names = ("money", "rate", "hours", "minutes", "whole")
    for name, following in zip(names, [*names[1:], None], strict=True):
        text = numbers.split(f"{name}:", 1)[1]
        rendered[name] = (text.split(f"{following}:", 1)[0] if following else text).strip()
    return rendered


def exact(numerator: Decimal, denominator: Decimal, places: int) -> Decimal | None:
    if denominator == 0:
        return None
    with localcontext() as context:
        context.prec = 80
        return (numerator / denominator).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pairs, min_size=1, max_size=60))
def test_quotients_are_those_of_decimal_rounded_half_away_from_zero(
    macros: dict[str, str], rows: list[tuple[Decimal, Decimal]]
) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table pairs (row_number integer, n decimal(18, 2), d decimal(18, 4))")
        connection.executemany("insert into pairs values (?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
        money = connection.execute(f"select {macros['money']} from pairs order by row_number").fetchall()
        assert [value for (value,) in money] == [exact(n, d, 2) for n, d in rows]
        small = [i for i, (n, d) in enumerate(rows) if d == 0 or abs(n / d) < 10**11]
        rates = connection.execute(
            f"select {macros['rate']} from pairs where row_number in (select unnest(?)) order by row_number", [small]
        ).fetchall()
        assert [value for (value,) in rates] == [exact(*rows[i], 6) for i in small]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(-(10**6), 10**6)), min_size=1, max_size=60))
def test_quotients_of_whole_numbers_are_exact_and_what_is_too_large_is_refused(
    macros: dict[str, str], rows: list[tuple[int, int]]
) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table pairs (row_number integer, n hugeint, d bigint)")
        connection.executemany("insert into pairs values (?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
        found = connection.execute(f"select {macros['whole']} from pairs order by row_number").fetchall()
        assert [value for (value,) in found] == [exact(Decimal(n), Decimal(d), 6) for n, d in rows]
        connection.execute("insert into pairs values (-1, 10000000000000, 1)")
        with pytest.raises(duckdb.OutOfRangeException):
            connection.execute(f"select {macros['whole']} from pairs").fetchall()


def test_a_sum_too_wide_for_double_still_divides_exactly(macros: dict[str, str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table pairs as select 9007199254740993.01::decimal(38, 2) as n, 1::bigint as d")
        assert connection.execute(f"select {macros['money']} from pairs").fetchall() == [
            (Decimal("9007199254740993.01"),)
        ]


def test_types_of_quotients_are_decimal_whatever_goes_in(macros: dict[str, str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table pairs as select 7::hugeint as n, 3::bigint as d, 10::hugeint as seconds")
        row = connection.execute(
            ", ".join(
                [
                    "select " + f"typeof({macros['money']})",
                    *(f"typeof({macros[m]})" for m in ("rate", "hours", "minutes")),
                ]
            )
            + " from pairs"
        ).fetchall()
        assert row == [("DECIMAL(18,2)", "DECIMAL(18,6)", "DECIMAL(18,6)", "DECIMAL(18,4)")]
        assert connection.execute(f"select {macros['hours']}, {macros['minutes']} from pairs").fetchall() == [
            (Decimal("0.002778"), Decimal("0.1667"))
        ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 120), st.integers(-20, 60)), max_size=25))
def test_a_union_of_intervals_counts_every_second_once(
    macros: dict[str, str], rows: list[tuple[str, int, int]]
) -> None:
    covered: dict[str, set[int]] = {}
    for room, start, length in rows:
        if length > 0:
            covered.setdefault(room, set()).update(range(start, start + length))
    with duckdb.connect() as connection:
        connection.execute("create table intervals (room varchar, starts_at timestamp, ends_at timestamp)")
        if rows:
            connection.executemany(
                "insert into intervals select ?, t + to_seconds(?), t + to_seconds(?)"
                " from (select timestamp '2026-03-29' as t)",
                [(room, start, start + length) for room, start, length in rows],
            )
        found = dict(connection.execute(macros["union"]).fetchall())
    assert found == {room: len(seconds) for room, seconds in covered.items()}
