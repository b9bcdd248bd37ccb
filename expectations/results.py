"""What the guard found: a result per expectation, the blocked days, the failing rows, and plain forms of them.

`check_rows` is the layout of `ops.check_results`; `summary` is what an asset check shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.rules import Severity

if TYPE_CHECKING:
    import pyarrow

SAMPLE_ROWS = 5


@dataclass(frozen=True)
class SampleRow:
    """One of the failing rows: where it is and what it says. `value` is hidden where it is personal.

    Where a day failed as a whole it has neither file nor row, and `value` says what was found.
    """

    export_date: date
    file: str | None
    row: int | None
    column: str
    value: str | None

    def __str__(self) -> str:
        if self.file:
            return f"{self.file} row {self.row}: {self.column} = {self.value}"
        return f"the day {self.export_date}: {self.value}" if self.value else f"the day {self.export_date}"


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation over one batch. Rows are days where the expectation is one of the day as a whole."""

    name: str
    severity: Severity
    reason: str
    rows_checked: int
    rows_failed: int
    failed_days: tuple[date, ...] = ()
    sample_rows: tuple[SampleRow, ...] = ()

    @property
    def success(self) -> bool:
        return self.rows_failed == 0

    def __str__(self) -> str:
        samples = "; ".join(str(sample) for sample in self.sample_rows)
        return f"{self.name}: {self.rows_failed} of {self.rows_checked} ({samples}). {self.reason}"


@dataclass(frozen=True)
class GuardResult:
    """What one validation (a source's entity over one or many export days) found.

    `failing_rows` has a row for every failing row and every error expectation that it fails:
    `_export_date, _file, _row, column_name, value, rule, reason`; rows of blocked days are among them.
    It is None if they were written to `failing_rows_folder`.
    """

    source: str
    entity: str
    days: tuple[date, ...]
    rows_checked: int
    rows_to_quarantine: int
    expectations: tuple[ExpectationResult, ...]
    failing_rows: pyarrow.Table | None = field(default=None, repr=False)
    failing_rows_folder: Path | None = None

    @property
    def failed(self) -> tuple[ExpectationResult, ...]:
        return tuple(result for result in self.expectations if not result.success)

    @property
    def blocked_days(self) -> tuple[date, ...]:
        """Export days on which a critical expectation failed: nothing of them may be loaded."""
        return tuple(sorted({day for result in self._blocking for day in result.failed_days}))

    @property
    def _blocking(self) -> tuple[ExpectationResult, ...]:
        return tuple(result for result in self.failed if result.severity is Severity.CRITICAL)

    def blocking(self, day: date) -> tuple[ExpectationResult, ...]:
        """Why `day` is blocked."""
        return tuple(result for result in self._blocking if day in result.failed_days)

    def count_failed(self, severity: Severity) -> int:
        """Number of expectations of `severity` that failed."""
        return sum(result.severity is severity for result in self.failed)

    def check_rows(self) -> list[dict[str, Any]]:
        """One mapping per expectation, in the columns of `ops.check_results`."""
        span = {"first_date": self.days[0] if self.days else None, "last_date": self.days[-1] if self.days else None}
        return [
            {
                "_source": self.source,
                "entity": self.entity,
                **span,
                "expectation": result.name,
                "severity": result.severity.value,
                "reason": result.reason,
                "success": result.success,
                "rows_checked": result.rows_checked,
                "rows_failed": result.rows_failed,
                "sample_rows": json.dumps([asdict(row) for row in result.sample_rows], default=str, ensure_ascii=False),
            }
            for result in self.expectations
        ]

    def summary(self) -> Mapping[str, Any]:
        """Plain values for the metadata of an asset check."""
        return {
            "source": self.source,
            "entity": self.entity,
            "rows_checked": self.rows_checked,
            "rows_to_quarantine": self.rows_to_quarantine,
            "expectations": len(self.expectations),
            **{f"failed_{severity.value}": self.count_failed(severity) for severity in Severity},
            "blocked_days": [str(day) for day in self.blocked_days],
            "failures": [str(result) for result in self.failed],
        }
