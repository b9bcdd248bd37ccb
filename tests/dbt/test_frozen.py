"""What stood at the end of a period stays as it was then: the long history, cut short, gives the same figures."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from raw_warehouse import RawWarehouse
from tricky_build import Built

CUT = date(2025, 8, 31)
KEYS = ("scope_id", "period_kind", "period_start")
FROZEN = (
    "open_plans_amount",
    "patients_with_open_plan",
    "open_plans_per_patient",
    "debt_amount",
    "rebooked_patients",
    "rebooked_share",
    "once_booked_patients",
    "lapsed_patients",
    "lapsed_share",
)
Figures = dict[tuple[Any, ...], tuple[Any, ...]]


def test_what_is_exported_later_moves_no_figure_of_a_period_that_had_ended(history: Built, tmp_path: Path) -> None:
    shutil.copy(history.warehouse.path, tmp_path / "warehouse.duckdb")
    early = RawWarehouse(tmp_path / "warehouse.duckdb", is_new=False)
    forget_later_exports(early)
    history.dbt.must(early.path, "run", "--select", "+mart_kpi__periods", "--full-refresh")
    before, after = figures(early), figures(history.warehouse)
    assert len(before) > 1000
    assert before.keys() == after.keys()
    differences = [
        (*key, name, old, new)
        for key in before
        for name, old, new in zip(FROZEN, before[key], after[key], strict=True)
        if old != new
    ]
    assert differences[:20] == [], len(differences)


def forget_later_exports(warehouse: RawWarehouse) -> None:
    """As the warehouse was on the last day before the cut, but for lines of work till then: whom they say to have been
    treated, and whose an invoice is, goes by what is known now. So do cards that were merged."""
    with warehouse.connect() as connection:
        for entity in warehouse.contracts:
            was_before = f" and cast(performed_at as date) > '{CUT}'" if entity == "service_lines" else ""
            connection.execute(f"delete from raw.{entity} where _export_date > '{CUT}'{was_before}")
        connection.execute(f"delete from ops.export_days where export_date > '{CUT}'")


def figures(warehouse: RawWarehouse) -> Figures:
    return {
        tuple(row[key] for key in KEYS): tuple(row[name] for name in FROZEN)
        for row in warehouse.rows("marts.mart_kpi__periods")
        if row["period_end"] <= CUT
    }
