"""Posts what the warehouse says is payable and the ledger does not yet hold. The only writer of entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from models.scheme_terms import LIVE_SCENARIO
from orchestration.ledger.store import open_ledger

_KEY = "scenario_id, clinic_id, employee_id, role, module, currency, period_month"

# A key that is no longer payable is withdrawn only if the warehouse holds lines of its clinic and month: a warehouse
# that was rebuilt from later exports knows nothing of earlier months, and that takes nobody's pay away.
_DELTAS = f"""
CREATE OR REPLACE TEMP TABLE deltas AS
WITH
payable AS (
    SELECT {_KEY}, payout_amount FROM warehouse.incentives.mart_incentives__payouts WHERE scenario_id = $scenario
),
posted AS (
    SELECT {_KEY}, balance_amount, last_posted_at FROM balances WHERE scenario_id = $scenario
),
held_months AS (
    SELECT DISTINCT clinic_id, CAST(date_trunc('month', local_date) AS DATE) AS period_month, true AS is_held
    FROM warehouse.facts.fct_service_lines
)
SELECT
    {_KEY},
    coalesce(payout_amount, 0) - coalesce(balance_amount, 0) AS amount,
    CASE
        WHEN payout_amount IS NULL THEN 'withdrawal'
        WHEN balance_amount IS NULL THEN 'accrual'
        ELSE 'correction'
    END AS reason,
    payout_amount IS NOT NULL OR coalesce(is_held, false) AS is_known
FROM payable
FULL JOIN posted USING ({_KEY})
LEFT JOIN held_months USING (clinic_id, period_month)
WHERE coalesce(payout_amount, 0) <> coalesce(balance_amount, 0)
"""

_CHECKSUM = f"""
SELECT sha256(coalesce(string_agg(concat_ws('|', {_KEY}, payout_amount), chr(10) ORDER BY {_KEY}), ''))
FROM warehouse.incentives.mart_incentives__payouts
WHERE scenario_id = $scenario
"""

_APPEND = f"""
INSERT INTO entries ({_KEY}, entry_id, amount, reason, run_id, payouts_sha256, posted_at)
SELECT
    {_KEY},
    (SELECT coalesce(max(entry_id), 0) FROM entries) + row_number() OVER (ORDER BY {_KEY}),
    amount, reason, $run_id, $payouts_sha256, $posted_at
FROM deltas
WHERE is_known
"""


@dataclass(frozen=True)
class PostingSummary:
    """What one posting appended. `unknown` counts posted keys of months that the warehouse does not hold; they stay."""

    accruals: int
    corrections: int
    withdrawals: int
    unknown: int
    amounts: dict[str, Decimal] = field(default_factory=dict)  # currency → Σ of the appended entries

    @property
    def entries(self) -> int:
        return self.accruals + self.corrections + self.withdrawals

    def metadata(self) -> dict[str, int | str]:
        """Counts and sums for a run's log. Names nobody."""
        counts = {"entries": self.entries, "accruals": self.accruals, "corrections": self.corrections}
        sums = {f"posted_{currency}": str(amount) for currency, amount in self.amounts.items()}
        return {**counts, "withdrawals": self.withdrawals, "keys_of_months_not_held": self.unknown, **sums}


def post_payouts(warehouse: Path, ledger: Path, run_id: str, now: datetime) -> PostingSummary:
    """Appends the difference between payable and posted, key by key, in one transaction: all of it or nothing.

    A second posting of the same payouts appends nothing. Only the live scenario is posted.
    """
    if now.tzinfo is None:
        raise ValueError(f"the moment of posting needs a time zone; found {now!r}")
    with open_ledger(ledger) as connection:
        attach_warehouse(connection, warehouse)
        connection.begin()
        summary = append_deltas(connection, run_id, now)
        connection.commit()
    return summary


def attach_warehouse(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Makes the warehouse readable beside the ledger, until the connection is closed."""
    quoted = str(warehouse).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS warehouse (READ_ONLY)")


def append_deltas(connection: duckdb.DuckDBPyConnection, run_id: str, now: datetime) -> PostingSummary:
    """The posting itself, inside the caller's transaction."""
    scenario = {"scenario": LIVE_SCENARIO}
    connection.execute(_DELTAS, scenario)
    checksum = connection.execute(_CHECKSUM, scenario).fetchall()[0][0]
    posted_at = now.astimezone(UTC).replace(tzinfo=None)
    connection.execute(_APPEND, {"run_id": run_id, "payouts_sha256": checksum, "posted_at": posted_at})
    counts = dict(
        connection.execute(
            "SELECT CASE WHEN is_known THEN reason ELSE 'unknown' END, count(*) FROM deltas GROUP BY ALL"
        ).fetchall()
    )
    amounts = dict(
        connection.execute(
            "SELECT currency, CAST(sum(amount) AS DECIMAL(18,2)) FROM deltas WHERE is_known GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    return PostingSummary(
        counts.get("accrual", 0),
        counts.get("correction", 0),
        counts.get("withdrawal", 0),
        counts.get("unknown", 0),
        amounts,
    )
