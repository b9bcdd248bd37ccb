"""Every suite passes clean rows, and every expectation of rows by themselves can fail.

Those that compare with something else are in `test_relations` and `test_deliveries`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest
from bad_rows import FINE, SPECIFIC, Bad, bad_rows
from valid_rows import DAY, SOURCE, Row, minimal_row, valid_row, write_batch

from expectations.engine import BatchEngine
from expectations.guard import guard_batch
from expectations.results import ExpectationResult, GuardResult
from expectations.rules import Grain, Rule, Severity
from expectations.suites import Suite, load_suite, load_suites
from models.contracts import load_contracts

ENTITIES = list(load_contracts())
CASES = [(suite.entity, rule.name) for suite in load_suites().values() for rule in suite.rules if not rule.needs]


@dataclass
class SpoiltBatch:
    """One batch in which every expectation of a suite has an export day of its own, with its bad rows."""

    suite: Suite
    folder: Path
    engine: BatchEngine

    @cached_property
    def cases(self) -> Mapping[date, tuple[Rule, Bad]]:
        rules = [rule for rule in self.suite.rules if not rule.needs]
        return {DAY + timedelta(days=n): (rule, bad_rows(self.suite.contract, rule)) for n, rule in enumerate(rules)}

    @cached_property
    def result(self) -> GuardResult:
        rows = [row for day, (_, bad) in self.cases.items() for row in self._rows(day, bad)]
        path = write_batch(self.folder / f"{self.suite.entity}.parquet", self.suite.contract, rows)
        return guard_batch(SOURCE, self.suite.entity, [path], days=list(self.cases), engine=self.engine)

    def _rows(self, day: date, bad: Bad) -> Iterator[Row]:
        # A repeated key is the first row's; the bad rows stand before it, so it is the one that is kept.
        numbers = count(1)
        contract = self.suite.contract
        for _ in range(bad.rows):
            number = next(numbers)
            row = valid_row(contract, 99 if bad.same_key else number, day)
            yield row | bad.values_on(day) | {"_row": number + 1}
        for number in range(99, 99 - bad.good, -1):
            yield valid_row(contract, number, day)

    def expected_days(self, name: str) -> tuple[date, ...]:
        return tuple(day for day, (rule, bad) in self.cases.items() if name in (rule.name, *bad.also))

    def expected_rows(self, name: str) -> set[tuple[date, int]]:
        days = {day: self.cases[day][1].rows for day in self.expected_days(name)}
        return {(day, number + 2) for day, rows in days.items() for number in range(rows)}


@pytest.fixture(scope="module")
def spoilt(engine: BatchEngine, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, SpoiltBatch]:
    folder = tmp_path_factory.mktemp("spoilt")
    return {entity: SpoiltBatch(load_suite(entity), folder, engine) for entity in ENTITIES}


def _found(result: GuardResult, name: str) -> ExpectationResult:
    return next(found for found in result.expectations if found.name == name)


@pytest.mark.parametrize("entity", ENTITIES)
def test_clean_rows_pass_every_expectation(entity: str, engine: BatchEngine, tmp_path: Path) -> None:
    contract = load_contracts()[entity]
    rows = [valid_row(contract, 1), minimal_row(contract, 2)]
    rows += [valid_row(contract, number) | values for number, values in enumerate(FINE.get(entity, []), start=3)]
    path = write_batch(tmp_path / "batch.parquet", contract, rows)

    result = guard_batch(SOURCE, entity, [path], engine=engine)

    assert [str(found) for found in result.failed] == []
    assert (result.rows_checked, result.rows_to_quarantine, result.blocked_days) == (len(rows), 0, ())


@pytest.mark.parametrize(("entity", "name"), CASES)
def test_expectation_fails_on_its_bad_rows_and_on_no_others(
    entity: str, name: str, spoilt: Mapping[str, SpoiltBatch]
) -> None:
    batch = spoilt[entity]
    rule = next(rule for rule in batch.suite.rules if rule.name == name)
    found = _found(batch.result, name)

    assert found.failed_days == batch.expected_days(name)
    days = len(batch.expected_days(name))
    assert found.rows_failed == (days if rule.grain is Grain.DAY else len(batch.expected_rows(name)))
    assert found.sample_rows
    if rule.severity is Severity.CRITICAL:
        assert set(found.failed_days) <= set(batch.result.blocked_days)


@pytest.mark.parametrize("entity", ENTITIES)
def test_rows_that_fail_an_error_expectation_go_to_quarantine_and_no_others(
    entity: str, spoilt: Mapping[str, SpoiltBatch]
) -> None:
    batch = spoilt[entity]
    assert batch.result.failing_rows is not None
    quarantined = {(row["rule"], row["_export_date"], row["_row"]) for row in batch.result.failing_rows.to_pylist()}
    errors = [rule.name for rule, _ in batch.cases.values() if rule.severity is Severity.ERROR]
    assert quarantined == {(name, *place) for name in errors for place in batch.expected_rows(name)}


def test_bad_rows_are_kept_for_no_expectation_that_is_gone() -> None:
    known = set(CASES)
    assert [(entity, name) for entity, names in SPECIFIC.items() for name in names if (entity, name) not in known] == []


def test_every_contract_has_a_suite_and_every_suite_a_contract() -> None:
    folder = Path(__file__).parents[3] / "expectations" / "suites"
    assert sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__") == sorted(ENTITIES)


def test_every_reason_says_why_and_what_to_do() -> None:
    for suite in load_suites().values():
        for line in suite.summary():
            sentences = line["reason"].removesuffix(".").split(". ")
            assert len(sentences) > 1, f"{suite.entity}.{line['expectation']}: {line['reason']}"
