"""References, overlaps and totals: each fails on rows that contradict each other and passes on rows that agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from export_guard import ExportGuard, delivers
from valid_rows import CONTRACTS, DAY, Row, at, pseudonym, rows_of, valid_row

from expectations.engine import BatchEngine
from expectations.overrides import adjusted
from expectations.rules import Grain, Severity
from expectations.suites import load_suites
from models.source_guards import CheckTerm

Changes = Mapping[str, Sequence[dict[str, Any]]]
TOMORROW = DAY + timedelta(days=1)
REFERENCES = [
    (entity, name, column.references)
    for entity, contract in CONTRACTS.items()
    for name, column in contract.columns.items()
    if column.references
]


def money(value: str) -> Decimal:
    return Decimal(value)


@dataclass(frozen=True)
class Case:
    """Rows (changes of valid ones) that fail an expectation in `rows`, numbered from 2; and what makes them agree."""

    bad: Changes
    rows: tuple[int, ...]
    good: Changes = field(default_factory=dict)


def _visits(shared_minutes: int) -> Changes:
    one = {"planned_start_at": at(DAY, 10), "started_at": at(DAY, 10), "ended_at": at(DAY, 12)}
    two = {"started_at": at(DAY, 12) - timedelta(minutes=shared_minutes), "ended_at": at(DAY, 13)}
    return {
        "appointments": [one | {"resource_id": "R", "employee_id": "E"}, two | {"resource_id": "R", "employee_id": "E"}]
    }


def _shifts(role: str, starts: int) -> Changes:
    one = {"employee_id": "E", "starts_at": at(DAY, 9), "ends_at": at(DAY, 15), "is_cancelled": False}
    return {
        "employees": [{"employee_id": "E", "staff_role": role}],
        "shifts": [
            one,
            one | {"starts_at": at(DAY, starts), "ends_at": at(DAY, 20)},
            one | {"is_cancelled": True},
            one | {"employee_id": "other"},
        ],
    }


def _line(net: str, **others: Any) -> dict[str, Any]:
    amounts = {"list_amount": money(net), "discount_amount": money("0"), "net_amount": money(net)}
    sign = -1 if net.startswith("-") else 1
    return {"invoice_id": "I", "quantity": Decimal(sign), **amounts, **others}


_ALLOCATED = {"payment_id": "P", "invoice_id": "I", "allocated_amount": money("60.00")}
_OPEN = {"resource_id": "R", "weekday": 1, "valid_from": date(2024, 1, 1), "valid_to": None}

CASES: dict[tuple[str, str], Case] = {
    ("appointments", "visits_of_a_resource_do_not_overlap"): Case(_visits(61), (2, 3), _visits(60)),
    ("appointments", "visits_of_a_doctor_do_not_overlap"): Case(_visits(61), (2, 3), _visits(60)),
    ("shifts", "doctor_is_on_one_shift_at_a_time"): Case(_shifts("doctor", 14), (2, 3), _shifts("doctor", 15)),
    ("invoices", "lines_add_up_to_the_invoice"): Case(
        {"invoices": [{"invoice_id": "I", "invoice_amount": money("100.01")}], "service_lines": [_line("100.00")]},
        (2,),
        {
            "invoices": [{"invoice_id": "I", "invoice_amount": money("100.00")}],
            "service_lines": [_line("60.00"), _line("40.00"), _line("-40.00"), _line("9.00", status="voided")],
        },
    ),
    ("invoices", "allocations_are_within_the_invoice"): Case(
        {
            "invoices": [{"invoice_id": "I", "invoice_amount": money("119.99")}],
            "payment_allocations": [_ALLOCATED, _ALLOCATED | {"payment_id": "Q"}],
        },
        (2,),
        {
            "invoices": [{"invoice_id": "I", "invoice_amount": money("120.00")}],
            "payment_allocations": [_ALLOCATED, _ALLOCATED | {"payment_id": "Q"}],
        },
    ),
    ("payments", "allocations_are_within_the_payment"): Case(
        {
            "payments": [{"payment_id": "P", "payment_amount": money("59.99")}],
            "payment_allocations": [_ALLOCATED],
        },
        (2,),
        {
            "payments": [{"payment_id": "P", "payment_amount": money("60.00")}],
            "payment_allocations": [_ALLOCATED],
        },
    ),
    ("service_lines", "refunds_are_within_their_line"): Case(
        {
            "service_lines": [
                _line("100.00", service_line_id="L"),
                _line("-60.00", original_line_id="L"),
                _line("-40.01", original_line_id="L"),
            ]
        },
        (3, 4),
        {
            "service_lines": [
                _line("100.00", service_line_id="L"),
                _line("-60.00", original_line_id="L"),
                _line("-40.00", original_line_id="L"),
                _line("-40.00", original_line_id="L", status="voided"),
            ]
        },
    ),
    ("resource_hours", "rules_of_a_resource_do_not_overlap"): Case(
        {
            "resource_hours": [
                _OPEN | {"opens_at": at(DAY, 8).time(), "closes_at": at(DAY, 12).time()},
                _OPEN | {"opens_at": at(DAY, 11).time(), "closes_at": at(DAY, 18).time()},
            ]
        },
        (2, 3),
        {
            "resource_hours": [
                _OPEN | {"opens_at": at(DAY, 8).time(), "closes_at": at(DAY, 12).time()},
                _OPEN | {"opens_at": at(DAY, 12).time(), "closes_at": at(DAY, 18).time()},
                _OPEN | {"weekday": 2},
                _OPEN | {"rule_kind": "out_of_service"},
                _OPEN | {"valid_from": date(2020, 1, 1), "valid_to": date(2023, 12, 31)},
                _OPEN | {"resource_id": "other"},
            ]
        },
    ),
    ("plan_items", "plan_version_is_known"): Case(
        {"treatment_plans": [{"plan_id": "P", "plan_version": 1}], "plan_items": [{"plan_id": "P", "plan_version": 2}]},
        (2,),
        {"treatment_plans": [{"plan_id": "P", "plan_version": 2}], "plan_items": [{"plan_id": "P", "plan_version": 2}]},
    ),
    ("treatment_plans", "shown_plan_has_items"): Case(
        {
            "treatment_plans": [{"plan_id": "P", "plan_version": 1, "status": "presented"}],
            "plan_items": [{"plan_id": "P", "plan_version": 2}],
        },
        (2,),
        {
            "treatment_plans": [
                {"plan_id": "P", "plan_version": 2, "status": "presented"},
                {"plan_id": "Q", "status": "draft"},
            ],
            "plan_items": [{"plan_id": "P", "plan_version": 2}],
        },
    ),
    ("stay_charges", "night_is_within_its_stay"): Case(
        {
            "stays": [{"stay_id": "S", "arrived_on": DAY, "departed_on": TOMORROW}],
            "stay_charges": [
                {"stay_id": "S", "night_date": DAY},
                {"stay_id": "S", "night_date": TOMORROW},
                {"stay_id": "S", "night_date": DAY - timedelta(days=1)},
            ],
        },
        (3, 4),
        {
            "stays": [{"stay_id": "S", "arrived_on": DAY, "departed_on": None}],
            "stay_charges": [{"stay_id": "S", "night_date": TOMORROW}],
        },
    ),
}
# Those of children are told where the parent came before, so that the warehouse knows it.
_AT_THE_CHILD = {
    ("service_lines", "lines_add_up_to_the_invoice"): "invoices",
    ("payment_allocations", "allocations_are_within_the_payment"): "payments",
    ("payment_allocations", "allocations_are_within_the_invoice"): "invoices",
}
_COMPARED_IN_TIME = {("prices", "price_in_force_is_not_changed")}


@pytest.fixture
def guard(tmp_path: Path, engine: BatchEngine) -> ExportGuard:
    return ExportGuard(tmp_path, engine)


def _rows(changes: Changes, day: date = DAY) -> dict[str, list[Row]]:
    return {entity: rows_of(entity, *of_entity, day=day) for entity, of_entity in changes.items()}


def _places(found: Any) -> tuple[int, ...]:
    return tuple(sample.row for sample in found.sample_rows)


@pytest.mark.parametrize(("entity", "name"), CASES)
def test_rows_that_contradict_each_other_are_told_and_those_that_agree_are_not(
    entity: str, name: str, guard: ExportGuard
) -> None:
    case = CASES[entity, name]
    bad = guard.found(entity, name, _rows(case.bad))
    assert bad is not None and (bad.rows_failed, _places(bad)) == (len(case.rows), case.rows)
    good = guard.found(entity, name, _rows(case.good))
    assert good is not None and good.rows_failed == 0


@pytest.mark.parametrize(("entity", "name"), _AT_THE_CHILD)
def test_a_total_is_told_at_the_children_if_the_parent_came_before(entity: str, name: str, guard: ExportGuard) -> None:
    parent = _AT_THE_CHILD[entity, name]
    rows = _rows(CASES[parent, name].bad)
    guard.load(parent, [row | {"_export_date": DAY - timedelta(days=1)} for row in rows[parent]])
    found = guard.found(entity, name, {entity: rows[entity]})
    assert found is not None and found.rows_failed == len(rows[entity])
    beside = guard.found(entity, name, rows)
    assert beside is not None and beside.rows_failed == 0


def test_every_expectation_that_compares_rows_is_shown_to_fail() -> None:
    shown = {
        *CASES,
        *_AT_THE_CHILD,
        *_COMPARED_IN_TIME,
        *((entity, f"{name}_is_known") for entity, name, _ in REFERENCES),
    }
    rules = {
        (suite.entity, rule.name)
        for suite in load_suites().values()
        for rule in suite.rules
        if rule.needs and rule.grain is Grain.ROW
    }
    assert rules == shown


def _every_entity(known: bool) -> dict[str, list[Row]]:
    """Two rows of each entity, whose references name the other row of the target, or one that is nowhere."""
    rows: dict[str, list[Row]] = {
        entity: [valid_row(contract, 1), valid_row(contract, 2)] for entity, contract in CONTRACTS.items()
    }
    for entity, name, target in REFERENCES:
        nowhere = pseudonym("nobody") if CONTRACTS[entity].columns[name].privacy else "nowhere"
        for row, other in zip(rows[entity], reversed(rows[target]), strict=True):
            row[name] = other[CONTRACTS[target].key[0]] if known else nowhere
    return rows


def test_every_reference_to_what_is_not_there_is_told(guard: ExportGuard) -> None:
    results = guard.results(_every_entity(known=False))
    told = {(entity, found.name) for entity, result in results.items() for found in result.failed}
    assert {(entity, f"{name}_is_known") for entity, name, _ in REFERENCES} - told == set()


def test_no_reference_to_what_this_export_holds_is_told(guard: ExportGuard) -> None:
    results = guard.results(_every_entity(known=True))
    assert [str(found) for result in results.values() for found in result.failed if found.name.endswith("_known")] == []


def test_what_an_earlier_export_brought_is_known(guard: ExportGuard) -> None:
    lines = {"service_lines": rows_of("service_lines", {"service_id": "S"}, {"service_id": "T"})}
    guard.load("services", rows_of("services", {"service_id": "S"}, day=DAY - timedelta(days=9)))
    found = guard.found("service_lines", "service_id_is_known", lines)
    assert found is not None and [row.value for row in found.sample_rows] == ["T"]


def test_what_the_same_day_brought_before_it_was_issued_anew_is_not_known(guard: ExportGuard) -> None:
    guard.load("services", rows_of("services", {"service_id": "S"}))
    found = guard.found(
        "service_lines", "service_id_is_known", {"service_lines": rows_of("service_lines", {"service_id": "S"})}
    )
    assert found is not None and found.rows_failed == 1


def test_a_row_that_goes_to_quarantine_is_not_known(guard: ExportGuard) -> None:
    refused = rows_of("services", {"service_id": "S", "norm_direct_cost_amount": money("-1")})
    lines = rows_of("service_lines", {"service_id": "S"})
    found = guard.found("service_lines", "service_id_is_known", {"services": refused, "service_lines": lines})
    assert found is not None and found.rows_failed == 1


def test_nobody_asks_for_what_the_source_does_not_deliver(guard: ExportGuard) -> None:
    guard.profile = delivers("service_lines")
    lines = {"service_lines": rows_of("service_lines", {})}
    assert guard.found("service_lines", "service_id_is_known", lines) is None
    assert guard.found("service_lines", "original_line_id_is_known", lines) is not None


def test_rows_count_in_their_latest_version(guard: ExportGuard) -> None:
    yesterday = DAY - timedelta(days=1)
    guard.load("service_lines", rows_of("service_lines", _line("70.00", service_line_id="L"), day=yesterday))
    invoice = rows_of("invoices", {"invoice_id": "I", "invoice_amount": money("100.00")})
    corrected = rows_of("service_lines", _line("100.00", service_line_id="L"))
    alone = guard.found("invoices", "lines_add_up_to_the_invoice", {"invoices": invoice})
    assert alone is not None and alone.rows_failed == 1
    both = guard.found("invoices", "lines_add_up_to_the_invoice", {"invoices": invoice, "service_lines": corrected})
    assert both is not None and both.rows_failed == 0


def test_a_range_of_days_is_judged_by_its_last_version(guard: ExportGuard) -> None:
    rows = [
        *rows_of("invoices", {"invoice_id": "I", "invoice_amount": money("1.00")}),
        *rows_of("invoices", {"invoice_id": "I", "invoice_amount": money("100.00")}, day=TOMORROW),
    ]
    found = guard.found(
        "invoices",
        "lines_add_up_to_the_invoice",
        {"invoices": rows, "service_lines": rows_of("service_lines", _line("100.00"), day=TOMORROW)},
        days=(DAY, TOMORROW),
    )
    assert found is not None and found.rows_failed == 0


def test_of_full_snapshots_only_the_newest_is_compared(guard: ExportGuard) -> None:
    guard.profile = delivers("resource_hours", "resources", mode="full")
    hours = rows_of("resource_hours", _OPEN)
    guard.load(
        "resource_hours", rows_of("resource_hours", _OPEN | {"resource_hours_id": "gone"}, day=DAY - timedelta(days=1))
    )
    found = guard.found("resource_hours", "rules_of_a_resource_do_not_overlap", {"resource_hours": hours})
    assert found is not None and found.rows_failed == 0


def test_a_payment_that_failed_pays_nothing(guard: ExportGuard) -> None:
    rows = _rows({"payments": [{"payment_id": "P", "status": "failed"}], "payment_allocations": [_ALLOCATED]})
    found = guard.found("payments", "allocations_are_within_the_payment", rows)
    assert found is not None and found.rows_failed == 1


@pytest.mark.parametrize(
    ("amount", "valid_from", "failed"), [("110.00", DAY, 1), ("100.00", DAY, 0), ("110.00", TOMORROW, 0)]
)
def test_a_price_that_was_in_force_may_not_change(
    amount: str, valid_from: date, failed: int, guard: ExportGuard
) -> None:
    key = {"service_id": "S", "clinic_id": "K", "fee_level": "base", "valid_from": valid_from}
    guard.load("prices", rows_of("prices", key | {"price_amount": money("100.00")}, day=DAY))
    rows = rows_of("prices", key | {"price_amount": money(amount)}, day=TOMORROW)
    found = guard.found("prices", "price_in_force_is_not_changed", {"prices": rows}, days=(TOMORROW,))
    assert found is not None and found.rows_failed == failed


def test_a_reference_that_a_profile_makes_an_error_goes_to_quarantine(guard: ExportGuard) -> None:
    guard.profile = delivers(checks={"service_lines": {"service_id_is_known": {"severity": "error"}}})
    result = guard.results(_rows({"service_lines": [{"service_id": "nowhere"}]}))["service_lines"]
    assert result.failing_rows is not None
    assert [row["rule"] for row in result.failing_rows.to_pylist()] == ["service_id_is_known"]
    assert result.rows_to_quarantine == 1


def test_a_profile_changes_severity_and_threshold_of_what_it_names_alone() -> None:
    rules = load_suites()["appointments"].rules
    name = "visits_of_a_doctor_do_not_overlap"
    changed = adjusted(rules, {name: CheckTerm(severity="error", threshold={"minutes": Decimal(5)})})
    (mine,) = [rule for rule in changed if rule.name == name]
    assert (mine.severity, str(mine.threshold)) == (Severity.ERROR, "by more than 5 minutes")
    assert "_shared_before > 5 " in mine.failing
    assert [rule for rule in changed if rule.name != name] == [rule for rule in rules if rule.name != name]


def test_a_row_that_was_taken_back_makes_no_total(guard: ExportGuard) -> None:
    rows = _rows(
        {
            "invoices": [{"invoice_id": "I", "invoice_amount": money("100.00")}],
            "service_lines": [_line("100.00"), _line("9.00", _is_deleted=True)],
        }
    )
    found = guard.found("invoices", "lines_add_up_to_the_invoice", rows)
    assert found is not None and found.rows_failed == 0


def test_a_row_that_is_gone_makes_no_total(guard: ExportGuard) -> None:
    yesterday = DAY - timedelta(days=1)
    lines = rows_of("service_lines", _line("100.00"), _line("9.00", service_line_id="gone"), day=yesterday)
    guard.load("service_lines", lines)
    invoice = {"invoices": rows_of("invoices", {"invoice_id": "I", "invoice_amount": money("100.00")})}
    found = guard.found("invoices", "lines_add_up_to_the_invoice", invoice)
    assert found is not None and found.rows_failed == 1
    guard.forget("service_lines", "gone", yesterday)
    found = guard.found("invoices", "lines_add_up_to_the_invoice", invoice)
    assert found is not None and found.rows_failed == 0


def test_an_id_that_was_replaced_is_known(guard: ExportGuard) -> None:
    rows = _rows(
        {
            "service_lines": [{"service_id": "old"}, {"service_id": "other"}],
            "id_changes": [{"entity": "services", "old_id": "old"}, {"entity": "resources", "old_id": "other"}],
        }
    )
    found = guard.found("service_lines", "service_id_is_known", rows)
    assert found is not None and [row.value for row in found.sample_rows] == ["other"]
