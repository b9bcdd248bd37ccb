"""Any sequence of incremental builds gives the rows of one full refresh, and rebuilds only the days touched."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import tricky_clinics as tricky
from dbt_cli import WITHOUT_PAY, Dbt
from raw_warehouse import RawWarehouse, Row
from tricky_build import Built

RUN = ("run", *WITHOUT_PAY)


def changed(rows: list[Row], **changes: dict[str, Any] | None) -> list[Row]:
    """`rows` with some changed or, for None, gone; by the value of the first column."""
    kept = []
    for row in rows:
        key = next(iter(row.values()))
        if key not in changes:
            kept.append(row)
        elif changes[key] is not None:
            kept.append(row | changes[key])
    return kept


def difference(left: Path, right: Path) -> dict[str, int]:
    """Table → number of rows that only one of the two warehouses has."""
    one = RawWarehouse(left)
    found = {}
    with one.connect() as connection:
        connection.execute(f"attach '{right}' as other (read_only)")
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_catalog <> 'other'"
            " and table_schema in ('facts', 'dimensions', 'intermediate', 'marts')"
        ).fetchall()
        assert len(tables) > 25
        for (table,) in tables:
            row = connection.execute(
                f"select count(*) from ((from {table} except all from other.{table})"
                f" union all (from other.{table} except all from {table}))"
            ).fetchone()
            if row and row[0]:
                found[table] = row[0]
    return found


@pytest.fixture
def warehouse(built: Built, tmp_path: Path) -> RawWarehouse:
    """A copy of the built warehouse, after a successful day."""
    shutil.copy(built.warehouse.path, tmp_path / "warehouse.duckdb")
    copy = RawWarehouse(tmp_path / "warehouse.duckdb")
    copy.forget_touched_days()
    return copy


def test_incremental_builds_equal_a_full_refresh(built: Built, warehouse: RawWarehouse) -> None:
    dbt = built.dbt
    with warehouse.connect() as connection:
        # Proof that a day that nothing touched is left alone: a mark in the facts that only a rebuild would remove.
        connection.execute("update facts.fct_slots set slot_minutes = 99")
        connection.execute("update facts.fct_payments set method = 'mark'")

    day_one(warehouse)
    dbt.must(warehouse.path, *RUN)
    assert warehouse.query("select distinct slot_minutes::int from facts.fct_slots") == [(99,)]
    assert warehouse.query("select count(*) from facts.fct_payments where method = 'mark'") == [(0,)]
    assert warehouse.query("select count(*) from facts.fct_appointments where local_date = '2026-03-09'") == [(0,)]
    with warehouse.connect() as connection:
        connection.execute("update facts.fct_slots set slot_minutes = 15")
    assert difference(warehouse.path, refreshed(dbt, warehouse, "one")) == {}

    warehouse.forget_touched_days()
    day_two(warehouse)
    dbt.must(warehouse.path, *RUN)
    assert difference(warehouse.path, refreshed(dbt, warehouse, "two")) == {}
    assert warehouse.query("select is_inferred from dimensions.dim_clinic where clinic_id = 'mis:KX'") == [(False,)]
    assert warehouse.query(
        "select local_date::varchar from facts.fct_service_lines where service_line_id = 'mis:L20'"
    ) == [("2026-03-03",)]


# Lines whose neighbours change later while they themselves do not.
# Each is in a week of its own, so that no other change rebuilds its day.
HISTORY: dict[str, list[Row]] = {
    "clinics": [
        {"clinic_id": "OLD", "clinic_name": "Old", "time_zone": "Europe/Moscow", "currency": "RUB"},
        {"clinic_id": "FAR", "clinic_name": "Far", "time_zone": "Pacific/Pago_Pago", "currency": "USD"},
    ],
    "services": [{"service_id": "HS", "service_name": "Old service", "stage": "treatment"}],
    "resources": [
        {
            "resource_id": "HR",
            "clinic_id": "OLD",
            "resource_name": "Old room",
            "resource_kind": "room",
            "is_capacity": True,
        }
    ],
    "treatment_plans": [
        {
            "plan_id": "HP",
            "plan_version": 1,
            "clinic_id": "OLD",
            "patient_id": "HP1",
            "presented_at": "2026-01-20 09:00",
        }
    ],
    "plan_items": [
        {
            "plan_item_id": name,
            "plan_id": "HP",
            "plan_version": 1,
            "service_id": "S2",
            "quantity": "1",
            "price_amount": "5",
            "item_amount": "5",
        }
        for name in ("HI1", "HI2")
    ],
    "appointments": [
        {
            "appointment_id": name,
            "clinic_id": "OLD",
            "patient_id": "HP1",
            "resource_id": room,
            "planned_start_at": f"{day} 09:00",
            "planned_end_at": f"{day} 10:00",
            "status": "attended",
        }
        for name, room, day in (("HV1", "R1", "2026-01-12"), ("HV2", "HR", "2026-01-19"))
    ],
    "service_lines": [
        {
            "service_line_id": name,
            "clinic_id": "OLD",
            "patient_id": "HP1",
            "service_id": "S2",
            "quantity": "1",
            "list_amount": "5",
            "discount_amount": "0",
            "net_amount": "5",
            "status": "performed",
            **links,
        }
        for name, links in {
            "stage": {"performed_at": "2026-01-05 09:00", "service_id": "HS"},
            "visit": {"performed_at": "2026-01-12 09:00", "appointment_id": "HV1"},
            "room": {"performed_at": "2026-01-19 09:00", "appointment_id": "HV2"},
            "plan": {"performed_at": "2026-01-26 09:00", "plan_item_id": "HI1"},
            "item": {"performed_at": "2026-02-16 09:00", "plan_item_id": "HI2"},
            # The 1st in Pago Pago, the 3rd in Kiritimati.
            "zone": {"performed_at": "2026-02-02 10:30", "clinic_id": "FAR"},
            "currency": {"performed_at": "2026-02-09 10:30", "clinic_id": "FAR"},
        }.items()
    ],
}


def day_one(warehouse: RawWarehouse) -> None:
    """Corrections that move rows between days, rows that vanish, late rows, and links that change elsewhere."""
    lines, visits, plans = tricky.service_lines(), tricky.appointments(), tricky.plans()
    warehouse.load(tricky.SOURCE, "2026-02-28", HISTORY)
    warehouse.load(
        tricky.SOURCE,
        tricky.FIRST_EXPORT,
        {
            # L2 leaves for the 5th, L3 is voided, L4 was never there; V11 empties its day.
            "service_lines": changed(
                lines, L2={"performed_at": tricky.at(5, "09:00")}, L3={"status": "voided"}, L4=None
            ),
            "appointments": changed(visits, V11=None),
            "payments": changed(tricky.others()["payments"], M1={"payment_amount": "1001"}),
        },
    )
    warehouse.load(
        tricky.SOURCE,
        "2026-03-07",
        {
            # The visit of L1 turns out not attended; its line is not exported again.
            "appointments": changed(visits, V1={"status": "cancelled"}, V9={"planned_start_at": tricky.at(2, "20:30")})[
                :9
            ],
            # An item moves to another plan, which has no day to touch.
            "plan_items": [plans["plan_items"][1] | {"plan_id": "PL2"}],
            "service_lines": [lines[3] | {"service_line_id": "L50", "performed_at": tricky.at(1, "09:00")}],
            "shifts": [tricky.shifts()[0] | {"ends_at": tricky.at(2, "08:00")}],
            "leads": [tricky.others()["leads"][0] | {"created_at": tricky.at(4, "09:00")}],
        },
    )


def day_two(warehouse: RawWarehouse) -> None:
    """Reference data, which has no days: stages, rooms, time zones, a clinic described at last; a visit; plans."""
    history = HISTORY
    warehouse.load(
        tricky.SOURCE,
        "2026-03-08",
        {
            "services": [
                *changed(tricky.services(), S1={"stage": "diagnostics"}),
                *changed(history["services"], HS={"stage": "rehabilitation"}),
            ],
            "resources": [
                *changed(tricky.resources(), D1={"is_capacity": True}, R9={"is_capacity": False}),
                *changed(history["resources"], HR={"is_capacity": False}),
            ],
            "clinics": [
                *changed(tricky.clinics(), K2={"time_zone": "Asia/Vladivostok"}),
                *changed(history["clinics"], FAR={"time_zone": "Pacific/Kiritimati"}),
                {"clinic_id": "KX", "clinic_name": "New", "time_zone": "Pacific/Auckland", "currency": "NZD"},
            ],
            "appointments": changed(history["appointments"], HV1={"status": "no_show"})[:1],
            "treatment_plans": [
                tricky.plans()["treatment_plans"][3] | {"presented_at": tricky.at(1, "09:00")},
                history["treatment_plans"][0] | {"presented_at": "2026-02-01 09:00"},
            ],
            "plan_items": changed(history["plan_items"], HI2={"plan_id": "PL2"})[1:],
            "line_performers": [{"service_line_id": "L2", "employee_id": "E1", "performer_role": "nurse"}],
        },
    )


def refreshed(dbt: Dbt, warehouse: RawWarehouse, name: str) -> Path:
    """A copy of the warehouse, built from nothing."""
    copy = warehouse.path.parent / name / warehouse.path.name
    copy.parent.mkdir()
    shutil.copy(warehouse.path, copy)
    dbt.must(copy, *RUN, "--full-refresh")
    return copy
