"""Runs rules as Great Expectations suites over Parquet files, without locks. The only module that imports it.

One suite, one query: Great Expectations puts the metrics of all its standard expectations into one SELECT, so that
forty expectations cost one pass over a million rows. An expectation of ours is a column of the asset's query that
counts what fails, and its sum must be 0; as an `UnexpectedRowsExpectation` it would be a pass of its own, or two.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.rules import Rule, Severity, StandardExpectation, quoted, text_literal

if TYPE_CHECKING:
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.datasource.fluent import SQLDatasource

# Great Expectations knows three levels; ours are kept beside them in `meta`.
_GX_SEVERITY = {Severity.CRITICAL: "critical", Severity.ERROR: "warning", Severity.WARN: "info"}
# Counts only: complete rows are queried apart, and values of personal data stay out of GX's results.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


class CheckFailedToRunError(Exception):
    """An expectation could not be evaluated. That says nothing about the data; the check or its input is defective."""


class BatchEngine:
    """One Great Expectations context over one in-memory DuckDB; made by `batch_engine`, shared by many suites."""

    def __init__(self, datasource: SQLDatasource) -> None:
        self._datasource = datasource
        self._numbers = itertools.count()

    def rows_failing(self, entity: str, rules: Sequence[Rule], batch_query: str) -> Mapping[str, int]:
        """How many rows of the batch fail each of `rules`, all of one row, by name.

        Raises:
            CheckFailedToRunError: with every expectation that could not be evaluated.
        """
        ours = [
            f"CASE WHEN {rule.failing} THEN 1 ELSE 0 END AS {quoted(counted_column(rule))}"
            for rule in rules
            if not rule.standard
        ]
        query = f"SELECT {', '.join(['*', *ours])} FROM ({batch_query})"
        return self._sums(entity, gx_suite(entity, rules), query)

    def judged(self, entity: str, rules: Sequence[Rule], counts: Path) -> Mapping[str, int]:
        """The same of counts made beforehand: a Parquet file with a row per export day and a column per rule."""
        query = f"SELECT * FROM read_parquet({text_literal(str(counts))}, hive_partitioning = false)"
        return self._sums(entity, gx_suite(entity, rules), query)

    def _sums(self, entity: str, suite: ExpectationSuite, query: str) -> Mapping[str, int]:
        asset = self._datasource.add_query_asset(f"{entity}_{next(self._numbers)}", query=query)
        try:
            batch = asset.add_batch_definition_whole_table("batch").get_batch()
            results = batch.validate(suite, result_format=_RESULT_FORMAT).results
        except Exception as error:  # whatever the driver raises for SQL that cannot be run
            raise CheckFailedToRunError(f"{entity}: {_first_line(error)}") from error
        finally:
            self._datasource.delete_asset(asset.name)
        broken = {_rule_name(result): text for result in results if (text := _exception_text(result))}
        if broken:
            described = "; ".join(f"{name}: {text}" for name, text in broken.items())
            raise CheckFailedToRunError(f"{entity}: {len(broken)} expectations could not be evaluated. {described}")
        counts = {_rule_name(result): _failure_count(result) for result in results}
        if lost := {str((made.meta or {})["rule"]) for made in suite.expectations} - counts.keys():
            raise CheckFailedToRunError(
                f"{entity}: Great Expectations returned no result for {', '.join(sorted(lost))}"
            )
        return counts

    def dispose(self) -> None:
        """Closes the connections; a later use opens new ones."""
        # The data source keeps an engine of its own beside the one that runs the queries.
        self._datasource.get_execution_engine().engine.dispose()
        self._datasource.get_engine().dispose()


@contextmanager
def batch_engine() -> Iterator[BatchEngine]:
    """A `BatchEngine` for as many suites as run inside the block."""
    import great_expectations
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from sqlalchemy.dialects import registry

    registry.register("duckdb.batch", "expectations.dialect", "BatchDialect")
    # Everything in memory; by default it would also leave a temporary folder for a documentation site.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    context = great_expectations.get_context(mode="ephemeral", project_config=config)
    datasource = context.data_sources.add_sql(
        "batches", connection_string="duckdb+batch:///:memory:", create_temp_table=False
    )
    engine = BatchEngine(datasource)
    try:
        yield engine
    finally:
        engine.dispose()


def gx_suite(entity: str, rules: Sequence[Rule]) -> ExpectationSuite:
    """The rules as a Great Expectations suite: severity and name in `meta`, the reason in `notes`."""
    from great_expectations import ExpectationSuite, expectations

    made = []
    for rule in rules:
        expected = rule.standard or _sum_is_zero(rule)
        made.append(
            getattr(expectations, expected.type)(
                **expected.arguments,
                severity=_GX_SEVERITY[rule.severity],
                notes=rule.reason,
                meta={"rule": rule.name, "severity": rule.severity.value},
            )
        )
    return ExpectationSuite(name=entity, expectations=made)


def _rule_name(result: ExpectationValidationResult) -> str:
    if result.expectation_config is None:
        raise CheckFailedToRunError("Great Expectations returned a result without its expectation")
    return str((result.expectation_config.meta or {})["rule"])


def _failure_count(result: ExpectationValidationResult) -> int:
    found = result.result
    count = found["unexpected_count"] if "unexpected_count" in found else found["observed_value"]
    if count is None or bool(result.success) != (count == 0):
        raise CheckFailedToRunError(f"{_rule_name(result)}: success is {result.success} with a count of {count}")
    return int(count)


def _exception_text(result: ExpectationValidationResult) -> str | None:
    """First line of the exception, or None. GX puts one mapping, or one per metric."""
    info: dict[str, Any] = result.exception_info or {}
    for part in [info, *info.values()]:
        if isinstance(part, dict) and part.get("raised_exception"):
            return str(part.get("exception_message") or "no message").strip().splitlines()[0]
    return None


def counted_column(rule: Rule) -> str:
    """The column that counts what fails `rule`; no column of a contract begins so."""
    return f"fails_{rule.name}"


def _sum_is_zero(rule: Rule) -> StandardExpectation:
    limits = {"column": counted_column(rule), "min_value": 0, "max_value": 0}
    return StandardExpectation(type="ExpectColumnSumToBeBetween", arguments=limits)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
