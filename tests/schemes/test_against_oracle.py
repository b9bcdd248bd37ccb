"""Random clinics under two schemes: the SQL and the independent oracle agree to the kopeck, row for row."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import duckdb
import pytest
from pay_oracle import payouts, split
from pay_warehouse import Computed
from random_clinics import random_schemes

from models.schemes import Scheme

SCHEMES = random_schemes()


@pytest.mark.parametrize("scheme", SCHEMES, ids=[scheme.scenario for scheme in SCHEMES])
def test_sql_and_oracle_agree_to_the_kopeck(computed: Computed, scheme: Scheme) -> None:
    with duckdb.connect(computed.warehouse, read_only=True) as connection:
        rows = connection.execute(
            "SELECT clinic_id, period_month, employee_id, module, role, payout_amount"
            " FROM incentives.mart_incentives__payouts WHERE scenario_id = ?",
            [scheme.scenario],
        ).fetchall()
    expected = payouts(scheme, computed.random)
    assert len(expected) > 100
    assert {tuple(row[:-1]): Fraction(row[-1]) for row in rows} == expected


def test_the_random_clinics_reach_every_rule(computed: Computed) -> None:
    """A comparison over inputs that never bind a limit would prove little."""
    with duckdb.connect(computed.warehouse, read_only=True) as connection:
        effects = dict(
            connection.execute(
                "SELECT step_name, count(*) FROM incentives.mart_incentives__steps"
                " WHERE scenario_id = 'random_strict' AND effect_amount <> 0 GROUP BY step_name"
            ).fetchall()
        )
        kept, negative = connection.execute(
            "SELECT (SELECT count(*) FROM incentives.mart_incentives__s02_credits"
            "        WHERE is_kept_by_clinic AND scenario_id = 'random_loose'),"
            " (SELECT count(*) FROM incentives.mart_incentives__payouts"
            "  WHERE payout_amount < 0 AND scenario_id LIKE 'random%')"
        ).fetchall()[0]
    assert set(effects) == {"rate", "direct_costs", "module_limits", "global_limit", "rounding"}
    assert kept > 0 and negative > 0


def test_the_oracle_splits_exactly() -> None:
    parts = split(Fraction(100), [Fraction(1)] * 3)
    assert sum(parts) == 100
    assert parts[0] - parts[1] == Fraction(1, 10**10)
    assert split(Fraction(-100), [Fraction(1)] * 3) == [-part for part in parts]


def test_payouts_of_a_clinic_and_month_are_the_rounded_sum_of_the_unrounded(computed: Computed) -> None:
    with duckdb.connect(computed.warehouse, read_only=True) as connection:
        rows = connection.execute(
            "SELECT scenario_id, clinic_id, period_month, payable_amount, payout_amount"
            " FROM incentives.mart_incentives__s11_rounding"
        ).fetchall()
    unrounded: dict[object, Fraction] = defaultdict(Fraction)
    rounded: dict[object, Fraction] = defaultdict(Fraction)
    for *key, payable, payout in rows:
        unrounded[tuple(key)] += Fraction(payable)
        rounded[tuple(key)] += Fraction(payout)
    assert all(abs(rounded[key] - unrounded[key]) <= Fraction(1, 200) for key in rounded)
