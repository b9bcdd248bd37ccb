"""A parameter with a value that it cannot have stops dbt before it builds anything."""

from __future__ import annotations

from tricky_build import Built


def test_every_slip_is_named_with_what_is_allowed(built: Built) -> None:
    slips = "{revenue_clock: cash, plan_window_days: two weeks, primary_dormancy_months: -1, lapsed_by: appointments}"
    done = built.dbt(built.warehouse.path, "run", "--select", "int_metrics__available", "--vars", slips)
    assert done.returncode != 0
    assert "OK created" not in done.stdout
    said = [line.strip() for line in done.stdout.splitlines() if ": '" in line]
    assert said == [
        "revenue_clock: 'cash' is none of performed, invoiced, paid",
        "plan_window_days: 'two weeks' is no whole number from 0 on",
        "primary_dormancy_months: '-1' is no whole number from 0 on",
    ]
