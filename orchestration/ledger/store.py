"""Opens the ledger's file, which only its owner may read, and knows its tables. Posts nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

OWNER_ONLY = 0o600

# `entries` only ever grows: a wrong entry is met by another one. Nothing in this package updates or deletes.
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    entry_id BIGINT PRIMARY KEY,
    scenario_id VARCHAR NOT NULL,
    clinic_id VARCHAR NOT NULL,
    employee_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    module VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    reason VARCHAR NOT NULL CHECK (reason IN ('accrual', 'correction', 'withdrawal')),
    run_id VARCHAR NOT NULL,
    payouts_sha256 VARCHAR NOT NULL,
    amount DECIMAL(18,2) NOT NULL CHECK (amount <> 0),
    period_month DATE NOT NULL,
    posted_at TIMESTAMP NOT NULL
);
CREATE OR REPLACE VIEW balances AS
SELECT
    scenario_id, clinic_id, employee_id, role, module, currency, period_month,
    CAST(sum(amount) AS DECIMAL(18,2)) AS balance_amount,
    count(*) AS entries,
    max(posted_at) AS last_posted_at
FROM entries
GROUP BY scenario_id, clinic_id, employee_id, role, module, currency, period_month;
"""


@contextmanager
def open_ledger(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The ledger for writing, made if it does not exist. Its journal and spill files are the owner's alone, too."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # DuckDB makes its files itself and refuses an empty one, so their mode can only come from the process's mask.
    mask = os.umask(0o077)
    try:
        with duckdb.connect(path) as connection:
            path.chmod(OWNER_ONLY)
            connection.execute(_TABLES)
            yield connection
    finally:
        os.umask(mask)


@contextmanager
def read_ledger(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The ledger for reading."""
    with duckdb.connect(path, read_only=True) as connection:
        yield connection
