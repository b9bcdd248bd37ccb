"""One warehouse with every golden case, each a source of its own, and dbt over it. No assertions here."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from kpi_cases import Case, Row

from models.contracts import load_contracts
from orchestration.ingest.loading.renames import refresh_surviving_ids
from orchestration.ingest.loading.warehouse import create_tables

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
MARTS = ("mart_kpi__periods", "mart_kpi__fee_levels", "mart_kpi__payers")


def write_warehouse(path: Path, cases: list[Case]) -> None:
    """Raw and ops tables as the loader leaves them, if all days are loaded at once."""
    contracts = load_contracts()
    with duckdb.connect(path) as connection:
        create_tables(connection, contracts)
        for entity, contract in contracts.items():
            rows = [_stored(case, row) for case in cases for row in case.rows.get(entity, [])]
            columns = [*contract.stored_columns, "_source", "_export_date"]
            _insert(
                connection, f"raw.{entity}", columns, rows, ", '' as _file, row_number() over () as _row, 1 as _load_id"
            )
        inputs = [
            {"_source": case.name, "entity": entity, "column_name": column,
             "is_provided": not {entity, f"{entity}.{column.partition('=')[0]}"} & set(case.not_exported),
             "is_assumed": False}
            for case in cases for entity, contract in contracts.items() for column in contract.inputs
        ]  # fmt: skip
        _insert(connection, "ops.source_inputs", list(inputs[0]), inputs)
        days = [{"_source": case.name, "export_date": case.last_day} for case in cases]
        days += [{"_source": case.name, "export_date": day} for case in cases for day in _export_days(case)]
        _insert(connection, "ops.export_days", ["_source", "export_date"], days)
        for case in cases:
            refresh_surviving_ids(connection, case.name)


def build(warehouse: Path, scratch: Path) -> None:
    """Builds the marts of KPI and all they stand on, as the pipeline does: in a process of its own."""
    options = {"project-dir": DBT_PROJECT, "profiles-dir": DBT_PROJECT, "target-path": scratch, "log-path": scratch}
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            *("build", "--resource-type", "model", "--resource-type", "seed", "--select"),
            *(f"+{mart}" for mart in MARTS),
            *(part for name, value in options.items() for part in (f"--{name}", str(value))),
        ],
        env={**os.environ, "TRIUNE_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def _export_days(case: Case) -> set[date]:
    return {row["exported"] for rows in case.rows.values() for row in rows if "exported" in row}


def _stored(case: Case, row: Row) -> Row:
    # The first export: nothing is known before it.
    first = min([case.last_day, *_export_days(case)])
    return {**row, "_source": case.name, "_export_date": row.get("exported", first)}


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], rows: list[Row], more: str = ""
) -> None:
    if not rows:
        return
    texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
    connection.register("arrived", pa.table({name: pa.array(values, pa.string()) for name, values in texts.items()}))
    kinds = dict(connection.execute(f"select column_name, column_type from (describe {table})").fetchall())
    cast = ", ".join(f"cast({name} as {kinds[name]}) as {name}" for name in columns)
    connection.execute(f"insert into {table} by name select {cast}{more} from arrived")
    connection.unregister("arrived")
