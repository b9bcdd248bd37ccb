"""Runs the suite of one entity over its batch. What a row says by itself Great Expectations evaluates over the batch;
what takes more than one row is counted here, a query each, and Great Expectations judges the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from expectations.batch import Batch
from expectations.engine import BatchEngine, CheckFailedToRunError, counted_column
from expectations.failing_rows import create_failing_rows, failures_by_day, quarantine_query, sample
from expectations.results import ExpectationResult, GuardResult
from expectations.rules import Grain, Rule, Severity, quoted, text_literal

_IN_ORDER = "SELECT * FROM {} ORDER BY _export_date, _file, _row, rule"


class EntityCheck:
    """The check of one entity; `run` may be called for some of its rules, and later for others."""

    def __init__(self, engine: BatchEngine, connection: duckdb.DuckDBPyConnection, batch: Batch, scratch: Path) -> None:
        self.batch = batch
        self.entity = batch.contract.entity
        self.failing_rows = create_failing_rows(connection, self.entity)
        self._engine = engine
        self._connection = connection
        self._scratch = scratch
        self._rules: list[Rule] = []
        self._failures: dict[str, Mapping[date, int]] = {}
        self._results: dict[str, ExpectationResult] = {}

    def run(self, rules: Iterable[Rule], batch: Batch | None = None) -> None:
        """Finds what fails `rules`; `batch` is how the batch is to be seen from now on.

        Raises:
            CheckFailedToRunError: an expectation could not be evaluated.
        """
        self.batch = batch or self.batch
        of_one_row = [rule for rule in rules if rule.is_of_one_row]
        counted = [rule for rule in rules if not rule.is_of_one_row]
        for rule, count in self._rows_failing(of_one_row):
            self._note(rule, self._by_day(rule) if count else {})
            found = sum(self._failures[rule.name].values())
            if found != count:
                raise CheckFailedToRunError(
                    f"{self.entity}.{rule.name}: Great Expectations counts {count} failing rows, "
                    f"the query for quarantine finds {found}; the two must say the same"
                )
        for rule in counted:
            can_fail = not rule.watches or any(self._failures.get(name) for name in rule.watches)
            self._note(rule, self._by_day(rule) if can_fail else {})

    def result(self, failing_rows_to: Path | None) -> GuardResult:
        """What was found. Failing rows go to the folder `failing_rows_to`, or come back as an Arrow table."""
        self._let_great_expectations_judge([rule for rule in self._rules if not rule.is_of_one_row])
        if failing_rows_to:
            self._write_failing_rows(failing_rows_to)
        in_order = _IN_ORDER.format(self.failing_rows)
        return GuardResult(
            source=self.batch.source,
            entity=self.entity,
            days=self.batch.days,
            rows_checked=self.batch.row_count,
            rows_to_quarantine=self._rows_to_quarantine(),
            expectations=tuple(self._results[rule.name] for rule in self._rules),
            failing_rows=None if failing_rows_to else self._connection.sql(in_order).to_arrow_table(),
            failing_rows_folder=failing_rows_to,
        )

    def _rows_failing(self, rules: list[Rule]) -> list[tuple[Rule, int]]:
        if not rules or not self.batch.row_count:
            return [(rule, 0) for rule in rules]
        try:
            counts = self._engine.rows_failing(self.entity, rules, self.batch.query)
        except CheckFailedToRunError as error:
            # All of them were one query: ask each, to say which.
            broken = {rule.name: text for rule in rules if (text := self._why_it_cannot_run(rule))}
            if not broken:
                raise
            described = "; ".join(f"{name}: {text}" for name, text in broken.items())
            raise CheckFailedToRunError(
                f"{self.entity}: {len(broken)} expectations could not be evaluated. {described}"
            ) from error
        return [(rule, counts[rule.name]) for rule in rules]

    def _why_it_cannot_run(self, rule: Rule) -> str | None:
        try:
            failures_by_day(self._connection, self.batch, rule)
        except duckdb.Error as error:
            return str(error).strip().splitlines()[0]
        return None

    def _by_day(self, rule: Rule) -> Mapping[date, int]:
        try:
            return failures_by_day(self._connection, self.batch, rule)
        except duckdb.Error as error:
            raise CheckFailedToRunError(
                f"{self.entity}: 1 expectations could not be evaluated. {rule.name}: {error}"
            ) from error

    def _note(self, rule: Rule, failures: Mapping[date, int]) -> None:
        self._rules.append(rule)
        self._failures[rule.name] = failures
        self._results[rule.name] = ExpectationResult(
            name=rule.name,
            severity=rule.severity,
            reason=rule.reason,
            rows_checked=len(self.batch.days) if rule.grain is Grain.DAY else self.batch.row_count,
            rows_failed=sum(failures.values()),
            failed_days=tuple(failures),
            sample_rows=sample(self._connection, self.batch, rule) if failures else (),
        )
        if failures and rule.severity is Severity.ERROR:
            self._connection.execute(f"INSERT INTO {self.failing_rows} {quarantine_query(self.batch, rule)}")

    def _let_great_expectations_judge(self, rules: list[Rule]) -> None:
        if not rules:
            return
        path = self._scratch / f"{self.entity}_counts.parquet"
        columns = ", ".join(["_export_date", *(quoted(counted_column(rule)) for rule in rules)])
        rows = ", ".join(
            f"(DATE '{day}', {', '.join(str(self._failures[rule.name].get(day, 0)) for rule in rules)})"
            for day in self.batch.days
        )
        self._connection.execute(
            f"COPY (FROM (VALUES {rows}) AS counts({columns})) TO {text_literal(str(path))} (FORMAT parquet)"
        )
        judged = self._engine.judged(self.entity, rules, path)
        for rule in rules:
            self._results[rule.name] = replace(self._results[rule.name], rows_failed=judged[rule.name])

    def _rows_to_quarantine(self) -> int:
        row = self._connection.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT _export_date, _file, _row FROM {self.failing_rows})"
        ).fetchone()
        return int(row[0]) if row else 0

    def _write_failing_rows(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        options = "FORMAT parquet, PARTITION_BY (_export_date), WRITE_PARTITION_COLUMNS true, OVERWRITE_OR_IGNORE true"
        in_order = _IN_ORDER.format(self.failing_rows)
        self._connection.execute(f"COPY ({in_order}) TO {text_literal(str(folder))} ({options})")
