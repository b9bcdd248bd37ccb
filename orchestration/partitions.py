"""The one partitioning of the project: a clinic's export day."""

from __future__ import annotations

from datetime import date

import dagster as dg


def export_days(first_day: date) -> dg.DailyPartitionsDefinition:
    """One partition per export day. The newest is today: an evening export is read the same day."""
    return dg.DailyPartitionsDefinition(start_date=str(first_day), end_offset=1)


def days_of(context: dg.AssetExecutionContext) -> list[date]:
    """Export days of this run: one, or a range."""
    return [date.fromisoformat(key) for key in context.partition_keys]
