"""What an expectation is: a name, a severity, a threshold, a reason, and the SQL of what fails.

Builders of expectations of single rows are here; those that compare with more than the batch are in `relations` and
`deliveries`. Nothing here imports Great Expectations (which takes seconds): `gx_suite` turns rules into expectations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

# Placeholders in the SQL of a rule: the rows of the batch, and the export days it should hold.
BATCH = "{batch}"
DAYS = "{export_days}"


class Severity(StrEnum):
    """What a failure does: CRITICAL blocks the day, ERROR sends the failing rows to quarantine, WARN is reported."""

    CRITICAL = "critical"
    ERROR = "error"
    WARN = "warn"


class Grain(StrEnum):
    """What can fail: a row, or an export day as a whole."""

    ROW = "row"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class StandardExpectation:
    """One of Great Expectations' own expectations: the name of its class and its arguments."""

    type: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Threshold:
    """The numbers that an expectation turns on: `says` tells them to people, and they stand in its SQL as `{name}`."""

    says: str
    values: Mapping[str, Decimal]

    def __str__(self) -> str:
        return self.in_text(self.says)

    def in_text(self, text: str) -> str:
        """`text` with each `{name}` replaced by its number."""
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", f"{value:f}")
        return text

    def with_values(self, values: Mapping[str, Decimal]) -> Threshold:
        return replace(self, values={**self.values, **values})


def threshold(says: str, **values: int | str) -> Threshold:
    """A threshold; shares are written as text (`"0.2"`), so that they stay exact."""
    return Threshold(says, {name: Decimal(value) for name, value in values.items()})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One expectation of a suite.

    For rows, `fails` is the SQL condition of a failing row of `relation`; for days, the query of their `_export_date`.
    `standard` is the Great Expectations expectation that says the same; without one the SQL itself is the expectation.
    The first of `columns` is the one named in quarantine. `detail` is SQL text that completes the reason of one row.
    `watches` are rules without whose failures this one cannot fail. `needs` are the inputs beside the batch without
    which it cannot be asked: entities (`services`), columns (`service_lines.invoice_id`) or `deliveries`.
    """

    name: str
    severity: Severity
    reason: str
    columns: tuple[str, ...]
    fails: str
    grain: Grain = Grain.ROW
    relation: str = BATCH
    detail: str | None = None
    standard: StandardExpectation | None = None
    threshold: Threshold | None = None
    watches: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    may_be_lowered: bool = True

    @property
    def is_of_one_row(self) -> bool:
        """Whether a row fails by what stands in it, whatever else there is."""
        return self.grain is Grain.ROW and self.relation == BATCH

    @property
    def failing(self) -> str:
        """`fails` with the numbers of the threshold."""
        return self.threshold.in_text(self.fails) if self.threshold else self.fails

    @property
    def rows(self) -> str:
        """`relation` with the numbers of the threshold."""
        return self.threshold.in_text(self.relation) if self.threshold else self.relation

    @property
    def telling(self) -> str | None:
        """`detail` with the numbers of the threshold."""
        return self.threshold.in_text(self.detail) if self.threshold and self.detail else self.detail

    @property
    def failures_query(self) -> str:
        """Query of what fails: rows by `_export_date`, `_file`, `_row`, or days by `_export_date`."""
        if self.grain is Grain.DAY:
            return self.failing
        return f"SELECT _export_date, _file, _row FROM {self.rows} WHERE {self.failing}"


def quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def given(column: str, severity: Severity, reason: str) -> Rule:
    """`column` has a value in every row."""
    return Rule(
        name=f"{column}_is_given",
        severity=severity,
        may_be_lowered=False,
        reason=reason,
        columns=(column,),
        fails=f"{quoted(column)} IS NULL",
        standard=StandardExpectation(type="ExpectColumnValuesToNotBeNull", arguments={"column": column}),
    )


def known_code(column: str, codes: list[str], reason: str) -> Rule:
    """`column`, where it has a value, has one of `codes`."""
    listed = ", ".join(text_literal(code) for code in codes)
    return Rule(
        name=f"{column}_is_a_known_code",
        severity=Severity.ERROR,
        reason=reason,
        columns=(column,),
        fails=f"{quoted(column)} NOT IN ({listed})",
        standard=StandardExpectation(
            type="ExpectColumnValuesToBeInSet", arguments={"column": column, "value_set": codes}
        ),
    )


def between(
    column: str,
    reason: str,
    *,
    least: int | None = None,
    most: int | None = None,
    severity: Severity = Severity.ERROR,
) -> Rule:
    """`column`, where it has a value, is neither below `least` nor above `most`."""
    below = f"{quoted(column)} < {least}" if least is not None else "false"
    above = f"{quoted(column)} > {most}" if most is not None else "false"
    return Rule(
        name=f"{column}_is_{_limits(least, most)}",
        severity=severity,
        reason=reason,
        columns=(column,),
        fails=f"({below} OR {above})",
        standard=StandardExpectation(
            type="ExpectColumnValuesToBeBetween",
            arguments={"column": column, "min_value": least, "max_value": most},
        ),
    )


def _limits(least: int | None, most: int | None) -> str:
    low, high = (str(limit).replace("-", "minus_") for limit in (least, most))
    if most is None:
        return f"at_least_{low}"
    return f"at_most_{high}" if least is None else f"{low}_to_{high}"


def not_before(
    later: str, earlier: str, reason: str, *, severity: Severity = Severity.ERROR, strictly: bool = False
) -> Rule:
    """`later` is not before `earlier` (`strictly`: it is after it) where both have a value."""
    arguments = {
        "column_A": later,
        "column_B": earlier,
        "or_equal": not strictly,
        "ignore_row_if": "either_value_is_missing",
    }
    return Rule(
        name=f"{later}_is_{'after' if strictly else 'not_before'}_{earlier}",
        severity=severity,
        reason=reason,
        columns=(later, earlier),
        fails=f"{quoted(later)} {'<=' if strictly else '<'} {quoted(earlier)}",
        standard=StandardExpectation(type="ExpectColumnPairValuesAToBeGreaterThanB", arguments=arguments),
    )


def not_longer(start: str, end: str, reason: str, *, hours: int = 24) -> Rule:
    """From `start` to `end` is at most `hours`."""
    return row_rule(
        f"{start}_to_{end}_is_within_{hours}_hours",
        f"{quoted(end)} - {quoted(start)} > INTERVAL {hours} HOUR",
        reason,
        columns=(end, start),
        severity=Severity.ERROR,
    )


def not_ahead(column: str, reason: str, *, when: str = "true") -> Rule:
    """`column` is not later than the export, in the rows `when`."""
    return row_rule(
        f"{column}_is_not_after_the_export",
        f"({when}) AND {quoted(column)} > _export_date + INTERVAL {{days}} DAY",
        reason,
        columns=(column,),
        severity=Severity.WARN,
        threshold=threshold("more than {days} days after it: time zones and late evenings are no mistake", days=2),
    )


def not_blank(column: str, reason: str, *, severity: Severity = Severity.WARN) -> Rule:
    """`column`, where it has a value, holds more than spaces."""
    return row_rule(
        f"{column}_is_not_blank", f"trim({quoted(column)}) = ''", reason, columns=(column,), severity=severity
    )


def row_rule(
    name: str,
    fails: str,
    reason: str,
    *,
    columns: tuple[str, ...],
    severity: Severity,
    **others: Any,
) -> Rule:
    """An expectation stated as the SQL condition of a failing row; `others` are fields of `Rule`."""
    return Rule(name=name, severity=severity, reason=reason, columns=columns, fails=fails, **others)


def day_rule(
    name: str, fails: str, reason: str, *, columns: tuple[str, ...], severity: Severity, **others: Any
) -> Rule:
    """An expectation of an export day as a whole; `fails` is the query of `_export_date` and a `detail` for people."""
    return Rule(name=name, severity=severity, reason=reason, columns=columns, fails=fails, grain=Grain.DAY, **others)


def day_has_rows(reason: str, *, severity: Severity) -> Rule:
    """Every export day of the batch has at least one row."""
    query = (
        f"SELECT _export_date, 'no row' AS detail FROM {DAYS} "
        f"WHERE _export_date NOT IN (SELECT _export_date FROM {BATCH})"
    )
    return day_rule("day_has_rows", query, reason, columns=("_export_date",), severity=severity)


def mostly(name: str, watched: Sequence[Rule], reason: str, *, columns: tuple[str, ...]) -> Rule:
    """Critical: at most a fifth of a day's rows fail any of the `watched` expectations.

    A handful of bad rows of a small day is left to quarantine.
    """
    failing = " UNION ".join(f"({rule.failures_query})" for rule in watched)
    query = (
        "SELECT _export_date, failing || ' of ' || every || ' rows' AS detail "
        f"FROM (SELECT _export_date, count(*) AS failing FROM ({failing}) GROUP BY 1) "
        f"JOIN (SELECT _export_date, count(*) AS every FROM {BATCH} GROUP BY 1) USING (_export_date) "
        "WHERE failing >= {rows} AND failing > {share} * every"
    )
    return day_rule(
        name,
        query,
        reason,
        columns=columns,
        severity=Severity.CRITICAL,
        watches=tuple(rule.name for rule in watched),
        threshold=threshold("more than {share} of the day's rows, and at least {rows} of them", share="0.2", rows=10),
    )
