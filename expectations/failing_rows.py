"""Finds every row that fails an expectation (Great Expectations returns 200 at most) and what quarantine says of it.

Personal values and pay never leave the row: the place of the row is enough to find them in the MIS.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from expectations.batch import Batch
from expectations.results import SAMPLE_ROWS, SampleRow
from expectations.rules import Grain, Rule, quoted, text_literal
from models.contracts import Contract, year_column

HIDDEN_VALUE = "(not shown)"
# Pay is no patient's secret, so contracts do not mark it; it is a secret all the same.
_PAY_COLUMNS = {"salary_amount"}


def create_failing_rows(connection: duckdb.DuckDBPyConnection, entity: str) -> str:
    """An empty table in the columns of quarantine; returns its name."""
    connection.execute(
        f"CREATE SCHEMA IF NOT EXISTS failing; CREATE TABLE failing.{entity} (_export_date DATE, _file VARCHAR, "
        "_row BIGINT, column_name VARCHAR, value VARCHAR, rule VARCHAR, reason VARCHAR)"
    )
    return f"failing.{entity}"


def failures_by_day(connection: duckdb.DuckDBPyConnection, batch: Batch, rule: Rule) -> Mapping[date, int]:
    """Export day → how many rows of it fail `rule` (1 where the day fails as a whole)."""
    query = batch.resolved(rule.failures_query)
    return dict(connection.execute(f"SELECT _export_date, count(*) FROM ({query}) GROUP BY 1 ORDER BY 1").fetchall())


def quarantine_query(batch: Batch, rule: Rule) -> str:
    """Query of the rows that fail `rule`, in the columns of quarantine."""
    hidden = hidden_columns(batch.contract)
    first, *others = rule.columns
    reason = [text_literal(rule.reason), *_row_details(rule, [name for name in others if name not in hidden])]
    return (
        f"SELECT _export_date, _file, _row, {text_literal(first)} AS column_name, {_value(first, hidden)} AS value, "
        f"{text_literal(rule.name)} AS rule, concat_ws(' ', {', '.join(reason)}) AS reason "
        f"FROM {batch.resolved(rule.rows)} WHERE {batch.resolved(rule.failing)}"
    )


def sample(connection: duckdb.DuckDBPyConnection, batch: Batch, rule: Rule) -> tuple[SampleRow, ...]:
    """The first few of what fails `rule`."""
    if rule.grain is Grain.DAY:
        query = batch.resolved(rule.failures_query)
        days = connection.execute(
            f"SELECT _export_date, detail FROM ({query}) ORDER BY 1 LIMIT {SAMPLE_ROWS}"
        ).fetchall()
        return tuple(SampleRow(day, None, None, rule.columns[0], detail) for day, detail in days)
    rows = connection.execute(
        f"SELECT _export_date, _file, _row, column_name, value FROM ({quarantine_query(batch, rule)}) "
        f"ORDER BY _export_date, _file, _row LIMIT {SAMPLE_ROWS}"
    ).fetchall()
    return tuple(SampleRow(*row) for row in rows)


def hidden_columns(contract: Contract) -> set[str]:
    """Columns of a batch whose values are not to be repeated anywhere."""
    marked = [name for name, column in contract.columns.items() if column.privacy]
    return {*marked, *(year_column(name) for name in marked), *_PAY_COLUMNS}


def _value(column: str, hidden: set[str]) -> str:
    if column in hidden:
        return f"if({quoted(column)} IS NULL, NULL, {text_literal(HIDDEN_VALUE)})"
    return f"CAST({quoted(column)} AS VARCHAR)"


def _row_details(rule: Rule, others: list[str]) -> list[str]:
    """SQL texts that follow the reason: what the other columns say, and the rule's own detail."""
    pairs = [f"{text_literal(name + ' = ')} || coalesce(CAST({quoted(name)} AS VARCHAR), 'empty')" for name in others]
    listed = " || ', ' || ".join(pairs)
    told = [f"'Here ' || {listed} || '.'"] if pairs else []
    return told + ([rule.telling] if rule.telling else [])
