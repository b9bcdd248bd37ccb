"""What is wrong with a file as a whole, and the error that carries it. Wrong rows go to quarantine, see `mapping`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FileProblem:
    """Why a file of an export cannot be read. `row` counts as a spreadsheet does: the header is row 1."""

    source: str
    day: date
    entity: str
    file: str
    reason: str
    remedy: str
    row: int | None = None

    def __str__(self) -> str:
        at = f", row {self.row}" if self.row is not None else ""
        return f"{self.source} {self.day} {self.entity} ({self.file}{at}): {self.reason}. {self.remedy}"


class ExportRefused(Exception):  # noqa: N818 - it is a verdict on the export, not a fault of the program
    """One or more files cannot be read; nothing of the export has been loaded."""

    def __init__(self, problems: list[FileProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
