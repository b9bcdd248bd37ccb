"""A warehouse with nothing but payouts and lines, as posting sees it. No assertions here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
CLINIC = "demo:K1"
Payout = tuple[str, str, date, str]  # employee, role, month, amount


def write_payouts(
    path: Path, payouts: list[Payout], *, months: tuple[date, ...] = (JANUARY, FEBRUARY), scenario: str = "live"
) -> Path:
    """Replaces the payouts and the months of which the warehouse holds lines."""
    with duckdb.connect(path) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS incentives; CREATE SCHEMA IF NOT EXISTS facts")
        connection.execute(
            "CREATE OR REPLACE TABLE incentives.mart_incentives__payouts (scenario_id VARCHAR, clinic_id VARCHAR,"
            " employee_id VARCHAR, role VARCHAR, module VARCHAR, currency VARCHAR, period_month DATE,"
            " payout_amount DECIMAL(18,2))"
        )
        connection.execute("CREATE OR REPLACE TABLE facts.fct_service_lines (clinic_id VARCHAR, local_date DATE)")
        for employee, role, month, amount in payouts:
            connection.execute(
                "INSERT INTO incentives.mart_incentives__payouts VALUES (?, ?, ?, ?, 'M5', 'RUB', ?, ?)",
                [scenario, CLINIC, employee, role, month, Decimal(amount)],
            )
        for month in months:
            connection.execute("INSERT INTO facts.fct_service_lines VALUES (?, ?)", [CLINIC, month.replace(day=15)])
    return path


def entries(ledger: Path) -> list[tuple[int, str, Decimal, str, str]]:
    with duckdb.connect(ledger, read_only=True) as connection:
        return connection.execute(
            "SELECT entry_id, employee_id, amount, reason, run_id FROM entries ORDER BY entry_id"
        ).fetchall()


def balances(ledger: Path) -> dict[tuple[str, str, date], Decimal]:
    with duckdb.connect(ledger, read_only=True) as connection:
        rows = connection.execute(
            "SELECT employee_id, role, period_month, balance_amount FROM balances WHERE balance_amount <> 0"
        ).fetchall()
    return {(employee, role, month): amount for employee, role, month, amount in rows}
