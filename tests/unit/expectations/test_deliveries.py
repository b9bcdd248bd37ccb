"""Volume, layout, freshness and control totals: each delivery beside the ones before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from export_guard import ExportGuard, delivers
from valid_rows import DAY, at, rows_of

from expectations.engine import BatchEngine
from expectations.results import ExpectationResult
from expectations.rules import Grain
from expectations.suites import load_suites
from expectations.surroundings import FileFacts

SHOWN = {
    "volume_is_usual",
    "file_is_not_cut",
    "snapshot_is_whole",
    "columns_are_as_before",
    "export_is_fresh",
    "file_is_not_sent_twice",
    "control_totals_agree",
}
WEEK = timedelta(days=7)


@pytest.fixture
def guard(tmp_path: Path, engine: BatchEngine) -> ExportGuard:
    return ExportGuard(tmp_path, engine)


def test_every_expectation_of_a_delivery_is_shown_to_fail() -> None:
    rules = {rule.name for suite in load_suites().values() for rule in suite.rules if rule.needs}
    days = {
        rule.name for suite in load_suites().values() for rule in suite.rules if rule.needs and rule.grain is Grain.DAY
    }
    assert days == SHOWN and days <= rules


def file(entity: str, day: date, rows: int, *columns: tuple[str, str | None, int], sha256: str = "") -> FileFacts:
    return FileFacts(entity, day, f"{day}/{entity}.csv", sha256 or f"{entity} {day}", rows, columns)


def weeks(entity: str, rows: int, count: int = 8) -> list[FileFacts]:
    """Files of the same weekday before."""
    return [file(entity, DAY - WEEK * number, rows) for number in range(1, count + 1)]


def found(guard: ExportGuard, name: str, files: Sequence[FileFacts], entity: str = "payments") -> ExpectationResult:
    result = guard.found(entity, name, {entity: rows_of(entity, {})}, files=files)
    assert result is not None, f"{name} was not asked"
    return result


@pytest.mark.parametrize(("rows", "fails"), [(29, True), (30, False), (300, False), (301, True)])
def test_a_day_is_compared_with_the_same_weekday_before(rows: int, fails: bool, guard: ExportGuard) -> None:
    guard.load("payments", files=[*weeks("payments", 100), file("payments", DAY - timedelta(days=1), 5)])
    result = found(guard, "volume_is_usual", [file("payments", DAY, rows)])
    assert (result.rows_failed, result.failed_days) == ((1, (DAY,)) if fails else (0, ()))
    assert [str(sample) for sample in result.sample_rows] == (
        [f"the day {DAY}: {rows} rows, usually 100"] if fails else []
    )


@pytest.mark.parametrize(("count", "usual"), [(3, 100), (8, 19)])
def test_a_short_or_a_small_history_tells_nothing(count: int, usual: int, guard: ExportGuard) -> None:
    guard.load("payments", files=weeks("payments", usual, count))
    assert found(guard, "volume_is_usual", [file("payments", DAY, 0)]).success


def test_the_days_of_a_range_are_history_of_each_other(guard: ExportGuard) -> None:
    days = sorted(DAY - WEEK * number for number in range(9))
    files = [file("payments", day, 100) for day in days[:-1]] + [file("payments", DAY, 1)]
    rows = {"payments": [row for day in days for row in rows_of("payments", {}, day=day)]}
    result = guard.found("payments", "volume_is_usual", rows, files=files, days=days)
    assert result is not None and result.failed_days == (DAY,)


def test_several_files_of_a_day_count_together(guard: ExportGuard) -> None:
    guard.load("payments", files=weeks("payments", 100))
    halves = [file("payments", DAY, 50, sha256=name) for name in ("north", "south")]
    assert found(guard, "volume_is_usual", halves).success


_OTHERS = ("appointments", "invoices", "leads", "service_lines")


@pytest.mark.parametrize(
    ("rows", "usual_files", "blocked"), [(9, 4, True), (10, 4, False), (9, 3, True), (9, 2, False), (9, 0, False)]
)
def test_an_empty_file_beside_full_ones_blocks_the_day_and_a_holiday_does_not(
    rows: int, usual_files: int, blocked: bool, guard: ExportGuard
) -> None:
    guard.load("payments", files=[past for entity in ("payments", *_OTHERS) for past in weeks(entity, 100)])
    today = [file(entity, DAY, 50 if number < usual_files else 5) for number, entity in enumerate(_OTHERS)]
    result = guard.results({"payments": rows_of("payments", {})}, [file("payments", DAY, rows), *today])["payments"]
    assert result.blocked_days == ((DAY,) if blocked else ())


def test_with_few_other_files_nobody_can_tell_a_holiday(guard: ExportGuard) -> None:
    guard.load("payments", files=[past for entity in ("payments", "invoices") for past in weeks(entity, 100)])
    files = [file("payments", DAY, 0), file("invoices", DAY, 100)]
    assert found(guard, "file_is_not_cut", files).success


@pytest.mark.parametrize(("rows", "blocked"), [(49, True), (50, False)])
def test_a_full_snapshot_that_lost_half_its_rows_blocks_the_day(rows: int, blocked: bool, guard: ExportGuard) -> None:
    guard.profile = delivers("employees", mode="full")
    guard.load("employees", files=[file("employees", DAY - timedelta(days=number), 100) for number in (1, 2, 3)])
    result = guard.results({"employees": rows_of("employees", {})}, [file("employees", DAY, rows)])["employees"]
    assert result.blocked_days == ((DAY,) if blocked else ())


def test_a_profile_may_let_a_file_shrink(guard: ExportGuard) -> None:
    checks = {"employees": {"snapshot_is_whole": {"severity": "warn"}}}
    guard.profile = delivers("employees", mode="full", checks=checks)
    guard.load("employees", files=[file("employees", DAY - timedelta(days=1), 100)])
    result = guard.results({"employees": rows_of("employees", {})}, [file("employees", DAY, 1)])["employees"]
    assert result.blocked_days == ()
    assert "snapshot_is_whole" in [failed.name for failed in result.failed]


_BEFORE = [("id", "number", 200), ("name", "text", 200), ("paid", "number", 200)]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (_BEFORE, None),
        ([*reversed(_BEFORE)], None),
        ([*_BEFORE, ("fax", None, 0)], "new: fax"),
        (_BEFORE[:2], "gone: paid"),
        ([_BEFORE[0], ("name", "number", 200), _BEFORE[2]], "name was text, is number"),
        ([_BEFORE[0], ("name", "number", 19), _BEFORE[2]], None),
        ([("ID", "number", 200), ("name", "number", 200)], "gone: id; gone: paid; name was text, is number; new: ID"),
    ],
)
def test_a_layout_that_changed_since_the_last_file_is_told(
    columns: list[tuple[str, str | None, int]], told: str | None, guard: ExportGuard
) -> None:
    before = DAY - timedelta(days=3)
    older = file("payments", DAY - WEEK, 1, ("something else", "text", 200))
    guard.load("payments", files=[older, file("payments", before, 1, *_BEFORE)])
    result = found(guard, "columns_are_as_before", [file("payments", DAY, 1, *columns)])
    assert [sample.value for sample in result.sample_rows] == ([told] if told else [])


def test_a_first_file_has_no_layout_before(guard: ExportGuard) -> None:
    assert found(guard, "columns_are_as_before", [file("payments", DAY, 1, *_BEFORE)]).success


@pytest.mark.parametrize(("days", "fails"), [(7, False), (8, True)])
def test_an_export_of_changes_that_holds_nothing_new_is_old(days: int, fails: bool, guard: ExportGuard) -> None:
    changed = DAY - timedelta(days=days)
    rows = rows_of("payments", {"updated_at": at(changed, 12)}, {"updated_at": None, "paid_at": at(DAY, 12)})
    result = guard.found("payments", "export_is_fresh", {"payments": rows})
    assert result is not None and result.failed_days == ((DAY,) if fails else ())


def test_without_a_time_of_change_the_day_of_the_event_tells_its_age(guard: ExportGuard) -> None:
    rows = rows_of("payments", {"updated_at": None, "paid_at": at(DAY - timedelta(days=8), 12)})
    result = guard.found("payments", "export_is_fresh", {"payments": rows})
    assert result is not None and result.sample_rows[0].value == f"newest: {DAY - timedelta(days=8)}"


@pytest.mark.parametrize(
    ("sha256", "rows", "fails"), [("the same", 1, True), ("another", 1, False), ("the same", 0, False)]
)
def test_a_file_of_another_day_is_known_by_its_bytes(sha256: str, rows: int, fails: bool, guard: ExportGuard) -> None:
    before = DAY - timedelta(days=2)
    guard.load("payments", files=[file("payments", before, 1, sha256="the same")])
    result = found(guard, "file_is_not_sent_twice", [file("payments", DAY, rows, sha256=sha256)])
    assert [sample.value for sample in result.sample_rows] == ([f"the same bytes as {before}"] if fails else [])


@pytest.mark.parametrize(("told", "blocked"), [("3", False), ("4", True), (None, True)])
def test_a_control_total_that_differs_blocks_the_day(told: str | None, blocked: bool, guard: ExportGuard) -> None:
    guard.profile = delivers("payments", controls={"file": "control.csv", "entity": "file", "rows": "rows"})
    files = [FileFacts("payments", DAY, "p.csv", "", 3, controls=[("rows", told, "3")])]
    result = guard.results({"payments": rows_of("payments", {})}, files)["payments"]
    assert result.blocked_days == ((DAY,) if blocked else ())
    if blocked:
        (failed,) = result.blocking(DAY)
        assert failed.sample_rows[0].value == f"rows: {told or 'none'} told, 3 read"


def test_an_occasional_source_has_no_usual_day(guard: ExportGuard) -> None:
    guard.profile = delivers("payments", delivery="occasional")
    for name in ("volume_is_usual", "file_is_not_cut", "export_is_fresh", "file_is_not_sent_twice"):
        assert guard.found("payments", name, {"payments": rows_of("payments", {})}) is None


def test_a_whole_day_cannot_be_put_into_quarantine() -> None:
    days = [rule for suite in load_suites().values() for rule in suite.rules if rule.grain is Grain.DAY]
    assert {rule.severity.value for rule in days} == {"critical", "warn"}
