"""Sums of the ledger for a run's summary: by role and by module, never by person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from models.scheme_terms import LIVE_SCENARIO
from orchestration.ledger.store import read_ledger

Total = tuple[str, int, Decimal]  # role or module (and currency, if there are several), people, amount


def totals_by_role(ledger: Path, source: str, first_day: date, last_day: date) -> list[Total]:
    """Posted pay of a source's clinics by role, of the months that the days touch: role, people, amount."""
    return _totals("role", ledger, source, first_day, last_day)


def totals_by_module(ledger: Path, source: str, first_day: date, last_day: date) -> list[Total]:
    """Posted pay of a source's clinics by module, of the months that the days touch: module, people, amount."""
    return _totals("module", ledger, source, first_day, last_day)


def _totals(group: str, ledger: Path, source: str, first_day: date, last_day: date) -> list[Total]:
    query = f"""
        SELECT {group}, currency, count(DISTINCT employee_id), CAST(sum(balance_amount) AS DECIMAL(18,2))
        FROM balances
        WHERE scenario_id = ? AND starts_with(clinic_id, ? || ':') AND period_month BETWEEN ? AND ?
        GROUP BY {group}, currency
        ORDER BY {group}, currency
    """
    with read_ledger(ledger) as connection:
        rows = connection.execute(query, [LIVE_SCENARIO, source, first_day.replace(day=1), last_day]).fetchall()
    one_currency = len({currency for _, currency, _, _ in rows}) < 2
    return [
        (name if one_currency else f"{name}, {currency}", people, amount) for name, currency, people, amount in rows
    ]
