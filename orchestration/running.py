"""Runs the day job in this process, without a server: the same job, instance and history as in the UI."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from orchestration.assets.published import PUBLISHED_KEY
from orchestration.definitions import build_definitions, source_selection
from orchestration.failures import failures_of
from orchestration.ingest.refusal import FileProblem
from orchestration.jobs import DAY_JOB
from orchestration.resources import Observer, Workspace

# Dagster's documented tags of a run over a range of partitions.
_RANGE_START, _RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. `messages` say what went wrong, in words meant for the person who started it.

    `problems` are those of files, and the critical checks, which the summary of a run tells at length.
    """

    run_id: str
    succeeded: bool
    messages: list[str]
    problems: list[FileProblem] = field(default_factory=list)


def run_days(workspace: Workspace, source: str, first: date, last: date, observer: Observer) -> RunOutcome:
    """Runs the export days `first` to `last` of `source` as one run."""
    definitions = build_definitions(workspace, {"observer": observer})
    keys = source_selection(workspace, source).resolve(definitions.resolve_asset_graph())
    # dbt prints every node; the observer shows what matters, and dbt's own log keeps the rest.
    with dg.DagsterInstance.get() as instance, contextlib.redirect_stdout(io.StringIO()):
        result = definitions.resolve_job_def(DAY_JOB).execute_in_process(
            instance=instance,
            partition_key=str(first) if first == last else None,
            tags={} if first == last else {_RANGE_START: str(first), _RANGE_END: str(last)},
            asset_selection=sorted(keys),
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
    published = any(event.is_step_materialization and event.asset_key == PUBLISHED_KEY for event in result.all_events)
    failures = failures_of(result.all_events)
    return RunOutcome(result.run_id, result.success and published, failures.messages, failures.problems)
