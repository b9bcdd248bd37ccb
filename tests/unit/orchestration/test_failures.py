"""What is told of a run that failed: words where there are words, otherwise the kind of the error and what it says."""

from __future__ import annotations

import dagster as dg
import pytest

from orchestration.failures import failures_of
from orchestration.ingest.loading.warehouse import WarehouseAwayError


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WarehouseAwayError("the warehouse is in use: wait"), "step work: the warehouse is in use: wait"),
        (KeyError("payments"), "step work: KeyError: 'payments'"),
    ],
)
def test_a_step_is_told_by_what_it_says(error: Exception, told: str) -> None:
    @dg.op
    def work() -> None:
        raise error

    @dg.job
    def day() -> None:
        work()

    assert failures_of(day.execute_in_process(raise_on_error=False).all_events).messages == [told]
