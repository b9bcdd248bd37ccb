"""Writes truth.json: what each number must be after the last export, by the generator's own tables (95_truth.sql)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb

from orchestration.demo.dirt import PlantedDirt

MONEY = (
    "net_revenue", "gross_revenue", "discount_amount", "primary_revenue", "secondary_revenue", "unattributed_revenue",
    "slotted_revenue", "unslotted_revenue", "revenue_from_new_plans", "revenue_from_earlier_plans",
    "revenue_from_unpresented_plans", "revenue_without_plan", "presented_value", "accepted_value", "payments_amount",
    "marketing_spend",
)  # fmt: skip

# Key columns of the tables behind each entity; a snapshot's rows count once, however often they are written.
KEYS = {
    "appointments": ("appointment_versions", "visit_no"),
    "service_lines": ("service_line_versions", "line_no"),
    "line_performers": ("line_performer_versions", "line_no, employee_no, performer_role"),
    "invoices": ("invoice_versions", "invoice_no"),
    "payments": ("payment_versions", "payment_no"),
    "payment_allocations": ("allocation_versions", "payment_no, invoice_no"),
    "treatment_plans": ("plan_versions", "plan_no, version"),
    "plan_items": ("plan_item_versions", "item_no"),
    "leads": ("lead_versions", "lead_no"),
    "patients": ("patient_versions", "patient_no"),
    "referrals": ("referral_versions", "referral_no"),
    "shifts": ("shift_versions", "shift_no"),
    "slots": ("slot_versions", "opening_no"),
    "timesheets": ("timesheet_versions", "employee_no, work_date"),
    "employee_scores": ("employee_score_versions", "employee_no, month, score_code"),
    "stays": ("stay_versions", "stay_no"),
    "stay_charges": ("stay_charge_versions", "stay_no, night_date, department"),
    "marketing_spend": ("marketing_spend_versions", "clinic_no, spend_date, channel"),
    "expenses": ("expense_versions", "expense_no"),
    "balances": ("balance_versions", "clinic_no, balance_date, balance_code"),
}
SNAPSHOTS = ("clinics", "resources", "resource_hours", "employees", "services", "prices")

# Rows that arrive after their day, and rows that a later export corrects (of facts that are right at first as a rule).
PLANTED = {
    "late": {
        "appointments": "SELECT count(*) FROM visits WHERE is_entered_late AND settled_at::DATE <= final_day()",
        "service_lines": "SELECT count(DISTINCT line_no) FROM service_line_versions WHERE is_late",
        "payments": "SELECT count(DISTINCT payment_no) FROM payment_versions WHERE is_late",
    },
    "corrected": {
        "appointments": "SELECT count(*) FROM appointment_versions WHERE stage = 3",
        "service_lines": "SELECT count(*) FROM service_line_versions WHERE is_correction",
    },
}


def collect_truth(
    connection: duckdb.DuckDBPyConnection,
    arguments: dict[str, Any],
    written: dict[str, int],
    planted: list[PlantedDirt],
) -> dict[str, Any]:
    """The content of truth.json. Money is text with two decimals, durations are whole seconds, the rest are counts."""
    described = connection.execute("DESCRIBE true_days").fetchall()
    measures = [name for name, *_ in described if name not in ("clinic_no", "day")]
    first, last = connection.execute("SELECT first_day(), final_day()").fetchall()[0]
    clinics = connection.execute("SELECT clinic_no, clinic_id, time_zone FROM clinics ORDER BY clinic_no").fetchall()
    return {
        "arguments": arguments,
        "first_export_day": first.isoformat(),
        "last_export_day": last.isoformat(),
        "currency": "RUB",
        "network": _totals(connection, measures, ""),
        "clinics": {
            clinic_id: {"time_zone": zone, **_totals(connection, measures, f"WHERE clinic_no = {number}")}
            for number, clinic_id, zone in clinics
        },
        "clinic_days": {
            "columns": ["clinic_id", "day", *measures],
            "rows": _clinic_days(connection, measures, last),
        },
        "current_rows": _current_rows(connection),
        "written_rows": written,
        "dirty_rows": [
            {
                "entity": one.dirt.entity,
                "kind": one.dirt.kind,
                "rows": len(one.origins),
                "days": sorted(day.isoformat() for _, day in one.origins),
            }
            for one in planted
        ],
        "planted_effects": _planted_effects(connection),
        "planted": {
            what: {entity: _one(connection, sql) for entity, sql in counts.items()} for what, counts in PLANTED.items()
        },
    }


def _planted_effects(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str | int]]:
    """What the marts should find, by the names that they have in the exports."""
    channel, doctor, *rest = connection.execute(
        """
        SELECT luring_channel(), 'E' || quiet_doctor_no(), idle_specialty(), idle_weekday(), sensitive_specialty(),
            sensitive_month(), sensitive_discount_percent()
        """
    ).fetchall()[0]
    return {
        "channel_with_bad_show_rate": {"channel": channel},
        "doctor_with_few_plans": {"employee_id": doctor},
        "device_idle_on_a_weekday": dict(zip(("specialty", "weekday"), rest[:2], strict=True)),
        "price_sensitive_season": dict(zip(("specialty", "month", "discount_percent"), rest[2:], strict=True)),
    }


def _clinic_days(
    connection: duckdb.DuckDBPyConnection, measures: list[str], last: dt.date
) -> list[list[int | str | None]]:
    rows = connection.execute(
        """
        SELECT clinic_id, day, true_days.* EXCLUDE (clinic_no, day)
        FROM true_days INNER JOIN clinics USING (clinic_no)
        ORDER BY clinic_no, day
        """
    ).fetchall()
    said: list[list[int | str | None]] = []
    for clinic_id, day, *values in rows:
        row: dict[str, int | str | None] = {name: _said(name, n) for name, n in zip(measures, values, strict=True)}
        if day > last:
            row["room_seconds"] = None  # room hours are stated for the days of the demo alone
        said.append([clinic_id, day.isoformat(), *row.values()])
    return said


def write_truth(truth: dict[str, Any], path: Path) -> None:
    """Writes one line per clinic and day, so that two truths can be compared by eye."""
    days = truth["clinic_days"]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in days["rows"])
    rest = {key: value for key, value in truth.items() if key != "clinic_days"}
    head = json.dumps(rest, ensure_ascii=False, indent=1).removesuffix("\n}")
    columns = json.dumps(days["columns"])
    text = f'{head},\n "clinic_days": {{"columns": {columns}, "rows": [\n{lines}\n]}}\n}}\n'
    path.write_text(text, encoding="utf-8")


def _totals(connection: duckdb.DuckDBPyConnection, measures: list[str], where: str) -> dict[str, int | str]:
    sums = ", ".join(f"sum({name})::BIGINT" for name in measures)
    values = connection.execute(f"SELECT {sums} FROM true_days {where}").fetchall()[0]
    return {name: _said(name, value) for name, value in zip(measures, values, strict=True)}


def _said(measure: str, value: int) -> int | str:
    if measure not in MONEY:
        return value
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"


def _current_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = {}
    for entity, (table, key) in KEYS.items():
        counts[entity] = _one(connection, f"SELECT count(DISTINCT ({key})) FROM {table}")
    for entity in SNAPSHOTS:
        last = f"(SELECT max(day) FROM snapshot_days WHERE entity = '{entity}')"
        counts[entity] = _one(connection, f"SELECT count(*) FROM file_{entity} WHERE known_on <= {last}")
    return dict(sorted(counts.items()))


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])
