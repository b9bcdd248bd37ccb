"""Schedules: when the day runs by the clock."""

from datetime import timedelta

import dagster as dg

from orchestration.jobs import DAY_JOB


def build_schedule() -> dg.ScheduleDefinition:
    """Every night at 04:00 UTC the day before. The landing sensors are the alternative to it, not an addition."""

    @dg.schedule(
        name="nightly",
        job_name=DAY_JOB,
        cron_schedule="0 4 * * *",
        execution_timezone="UTC",
        description="Runs yesterday's export every night.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        yesterday = (context.scheduled_execution_time - timedelta(days=1)).date()
        return dg.RunRequest(run_key=str(yesterday), partition_key=str(yesterday))

    return nightly
