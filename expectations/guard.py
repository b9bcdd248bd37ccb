"""Guards a batch before it enters the warehouse: runs its entity's suite and collects what fails. Writes no table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from expectations.batch import Batch, open_batch
from expectations.engine import BatchEngine, CheckFailedToRunError, batch_engine
from expectations.failing_rows import create_failing_rows, sample
from expectations.results import ExpectationResult, GuardResult
from expectations.rules import BATCH, DAYS, Grain, Rule, Severity, text_literal
from expectations.suites import load_suite

_IN_ORDER = "SELECT * FROM failing_rows ORDER BY _export_date, _file, _row, rule"


def guard_batch(
    source: str,
    entity: str,
    paths: Sequence[Path],
    failing_rows_to: Path | None = None,
    *,
    days: Sequence[date] | None = None,
    engine: BatchEngine | None = None,
) -> GuardResult:
    """Runs the suite of `entity` on the batch in `paths`: one source, one or many export days.

    `failing_rows_to` is a folder for the failing rows, as Parquet by export day; without it they come back as an Arrow
    table.
    `days` are the export days read (a day without rows has no file). `engine` saves time when many suites run.

    Raises:
        CheckFailedToRunError: an expectation could not be evaluated.
        BatchDefectError: the files are not a batch of this source and entity.
    """
    suite = load_suite(entity)
    with ExitStack() as stack:
        running = engine or stack.enter_context(batch_engine())
        connection = stack.enter_context(duckdb.connect())
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="triune-guard-")))
        batch = open_batch(connection, source, suite.contract, paths, days, scratch)
        counts = running.failure_counts(entity, suite.rules, batch.query, batch.days_query)
        _collect_failing_rows(connection, batch, suite.rules, counts)
        if failing_rows_to:
            _write_failing_rows(connection, failing_rows_to)
        return GuardResult(
            source=source,
            entity=entity,
            days=batch.days,
            rows_checked=batch.row_count,
            rows_to_quarantine=_rows_to_quarantine(connection),
            expectations=tuple(_result(connection, batch, rule, counts[rule.name]) for rule in suite.rules),
            failing_rows=None if failing_rows_to else connection.sql(_IN_ORDER).to_arrow_table(),
            failing_rows_folder=failing_rows_to,
        )


def _collect_failing_rows(
    connection: duckdb.DuckDBPyConnection, batch: Batch, rules: Sequence[Rule], counts: Mapping[str, int]
) -> None:
    failed = [rule for rule in rules if rule.severity is Severity.ERROR and counts[rule.name]]
    found = create_failing_rows(connection, batch, failed)
    for rule in failed:
        if found.get(rule.name, 0) != counts[rule.name]:
            raise CheckFailedToRunError(
                f"{batch.contract.entity}.{rule.name}: Great Expectations counts {counts[rule.name]} failing rows, "
                f"the query for quarantine finds {found.get(rule.name, 0)}; the two must say the same"
            )


def _result(connection: duckdb.DuckDBPyConnection, batch: Batch, rule: Rule, failed: int) -> ExpectationResult:
    return ExpectationResult(
        name=rule.name,
        severity=rule.severity,
        reason=rule.reason,
        rows_checked=len(batch.days) if rule.grain is Grain.DAY else batch.row_count,
        rows_failed=failed,
        failed_days=_failed_days(connection, batch, rule) if failed else (),
        sample_rows=sample(connection, batch, rule) if failed else (),
    )


def _failed_days(connection: duckdb.DuckDBPyConnection, batch: Batch, rule: Rule) -> tuple[date, ...]:
    query = rule.failures_query.replace(BATCH, f"({batch.query})").replace(DAYS, batch.days_query)
    return tuple(
        day for (day,) in connection.execute(f"SELECT DISTINCT _export_date FROM ({query}) ORDER BY 1").fetchall()
    )


def _rows_to_quarantine(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM (SELECT DISTINCT _export_date, _file, _row FROM failing_rows)"
    ).fetchone()
    return int(row[0]) if row else 0


def _write_failing_rows(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    options = "FORMAT parquet, PARTITION_BY (_export_date), WRITE_PARTITION_COLUMNS true, OVERWRITE_OR_IGNORE true"
    connection.execute(f"COPY ({_IN_ORDER}) TO {text_literal(str(folder))} ({options})")
