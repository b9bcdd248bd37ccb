"""What went wrong in a run, in words meant for people, read from Dagster's events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import dagster as dg

from orchestration.assets.batches import BATCHES, PROBLEMS
from orchestration.ingest.loading.warehouse import WarehouseAwayError
from orchestration.ingest.refusal import FileProblem


@dataclass(frozen=True)
class Failures:
    """`messages` say everything; `problems` are those of them that are about a file."""

    messages: list[str] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)


def days_of_run(run: dg.DagsterRun, failures: Failures) -> str:
    """Sources and export days of a run of the day job, e.g. `demo_mis 2026-06-30`; of all sources, those to blame."""
    selected = [key.path[0] for key in run.asset_selection or () if key.path[1:] == [BATCHES]]
    sources = sorted(set(selected) or {problem.source for problem in failures.problems})
    first, last = (run.tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end"))
    days = f"{first} … {last}" if first else run.tags.get("dagster/partition", "")
    return f"{', '.join(sources) or 'all sources,'} {days}".strip()


def failures_of(events: Iterable[dg.DagsterEvent]) -> Failures:
    """Of the steps that failed."""
    found = Failures()
    for event in events:
        if not event.is_step_failure:
            continue
        failure = event.step_failure_data
        if failure.user_failure_data and failure.user_failure_data.description:
            found.messages.extend(failure.user_failure_data.description.splitlines())
            told = failure.user_failure_data.metadata.get(PROBLEMS)
            if isinstance(told, dg.JsonMetadataValue) and isinstance(told.value, list):
                found.problems.extend(FileProblem.from_json(values) for values in told.value)
        elif failure.error:
            cause = failure.error.cause or failure.error
            text = cause.message.strip()
            # What is told in words needs no name of a class in front of it.
            said = text.partition(": ")[2] if cause.cls_name == WarehouseAwayError.__name__ else text
            found.messages.append(f"step {event.step_key}: {said}")
    return found
