"""What is wrong with a file as a whole, and the error that carries it. Wrong rows go to quarantine, see `mapping`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from expectations.results import GuardResult
from models.sources import Profile


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

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"day": str(self.day)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FileProblem:
        return cls(**values | {"day": date.fromisoformat(values["day"])})


def blocking_problems(result: GuardResult, profile: Profile) -> list[FileProblem]:
    """What the guard found so wrong that the day is not loaded, as problems of the entity's files."""
    problems = []
    for day in result.blocked_days:
        for failed in result.blocking(day):
            sample = next((row for row in failed.sample_rows if row.export_date == day), None)
            file, row = (sample.file, sample.row) if sample else (None, None)
            # A row stands for others like it; of a day as a whole the sample says what is wrong with it.
            rows = f" for {failed.rows_failed:,} of {failed.rows_checked:,} rows"
            told = rows if file else f" ({sample.value})" if sample else ""
            reason = f"critical check '{failed.name}' failed{told}"
            place = file or f"{day}/{', '.join(_files(profile, result.entity, day))}"
            problems.append(FileProblem(result.source, day, result.entity, place, reason, failed.reason, row))
    return problems


def _files(profile: Profile, entity: str, day: date) -> list[str]:
    """Names of the entity's files, as the profile says them."""
    mappings = [part.profile.entities[entity] for part in profile.parts(day) if entity in part.profile.entities]
    return list(dict.fromkeys(file for mapping in mappings for file in mapping.files))


class ExportRefused(Exception):  # noqa: N818 - it is a verdict on the export, not a fault of the program
    """One or more files cannot be read; nothing of the export has been loaded."""

    def __init__(self, problems: list[FileProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
