"""Jobs: what runs together. There is one: a clinic's day."""

from __future__ import annotations

from typing import Any

import dagster as dg

DAY_JOB = "day"


def build_day_job() -> Any:
    """Every layer for one export day, or a range of them in a single run; for one source by asset selection.

    Dagster exports no public name for the type of an asset job.
    """
    return dg.define_asset_job(
        DAY_JOB,
        selection=dg.AssetSelection.all(),
        description="read → guard → load → dbt → payouts → publish",
        # One process: the warehouse has one writer, and a process per step costs seconds each.
        executor_def=dg.in_process_executor,
    )
