"""Schedules: when the day runs by the clock."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg


def build_schedule(day_job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Every night at 04:00 UTC the day before. The landing sensors are the alternative to it, not an addition."""

    @dg.schedule(
        name="nightly",
        job=day_job,
        cron_schedule="0 4 * * *",
        execution_timezone="UTC",
        description="Runs yesterday's export every night.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        yesterday = (context.scheduled_execution_time - timedelta(days=1)).date()
        return dg.RunRequest(run_key=str(yesterday), partition_key=str(yesterday))

    return nightly
