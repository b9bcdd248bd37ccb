"""Every golden case is paid as its file says, to the kopeck, and opens into the steps it names."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from pay_warehouse import Computed
from scheme_cases import Case, load_cases

CASES = load_cases()
_KEY = "period_month, employee_id, module, role"


def _query(computed: Computed, sql: str, case: Case) -> list[tuple[object, ...]]:
    with duckdb.connect(computed.warehouse, read_only=True) as connection:
        return connection.execute(
            f"{sql} WHERE scenario_id = ? AND clinic_id = ?", [case.name, case.clinic_id]
        ).fetchall()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_pays_what_the_case_says(computed: Computed, case: Case) -> None:
    rows = _query(computed, f"SELECT {_KEY}, payout_amount FROM incentives.mart_incentives__payouts", case)
    assert {row[:-1]: row[-1] for row in rows} == case.payouts, case.says


@pytest.mark.parametrize("case", [case for case in CASES if case.steps], ids=lambda case: case.name)
def test_opens_into_the_steps_that_the_case_names(computed: Computed, case: Case) -> None:
    rows = _query(computed, f"SELECT {_KEY}, step_name, effect_amount FROM incentives.mart_incentives__steps", case)
    effects: dict[object, dict[object, object]] = defaultdict(dict)
    for *key, step, effect in rows:
        if effect:
            effects[tuple(key)][step] = effect
    for pay, steps in case.steps.items():
        assert effects.get(pay, {}) == {step: effect for step, effect in steps.items() if effect}, case.says


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_clinic_keeps_what_nobody_earned(computed: Computed, case: Case) -> None:
    sql = "SELECT role, is_kept_by_clinic, credited_net_amount FROM incentives.mart_incentives__s02_credits"
    kept: dict[object, Decimal] = defaultdict(Decimal)
    for role, is_kept, amount in _query(computed, sql, case):
        if is_kept:
            assert isinstance(amount, Decimal)
            kept[role] += amount
    assert kept == case.kept_by_clinic, case.says


def test_a_scheme_pays_only_in_its_own_clinics(computed: Computed) -> None:
    with duckdb.connect(computed.warehouse, read_only=True) as connection:
        pairs = connection.execute(
            "SELECT DISTINCT scenario_id, clinic_id FROM incentives.mart_incentives__payouts"
            " WHERE clinic_id LIKE 'case:%'"
        ).fetchall()
    assert pairs
    assert all(clinic == f"case:{scenario}" for scenario, clinic in pairs)


def test_cases_stand_on_both_sides_of_a_month(computed: Computed) -> None:
    months = {key[0] for case in CASES for key in case.payouts}
    assert {date(2026, 1, 1), date(2026, 2, 1)} <= months
