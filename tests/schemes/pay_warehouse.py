"""A small warehouse with the tables that the incentive models read, and dbt over them. No cases, no expectations."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from models.schemes import Scheme, write_scheme_tables

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"

TABLES = {
    "facts.fct_service_lines": {
        "service_line_id": "VARCHAR",
        "clinic_id": "VARCHAR",
        "local_date": "DATE",
        "service_stage": "VARCHAR",
        "net_amount": "DECIMAL(18,2)",
        "direct_cost_amount": "DECIMAL(18,2)",
        "quantity": "DECIMAL(18,4)",
        "service_id": "VARCHAR",
        "original_line_id": "VARCHAR",
        "is_performed": "BOOLEAN",
        "is_refund": "BOOLEAN",
        "norm_direct_cost_amount": "DECIMAL(18,2)",
    },
    "facts.fct_line_performers": {"service_line_id": "VARCHAR", "employee_id": "VARCHAR", "performer_role": "VARCHAR"},
    "dimensions.dim_clinic": {"clinic_id": "VARCHAR", "currency": "VARCHAR"},
}


@dataclass(frozen=True)
class Line:
    """A service line, in the order of the table's columns; its norm cost is that of its service."""

    service_line_id: str
    clinic_id: str
    local_date: date
    service_stage: str
    net_amount: Decimal
    direct_cost_amount: Decimal | None = None
    quantity: Decimal = Decimal(1)
    service_id: str | None = None
    original_line_id: str | None = None
    is_performed: bool = True
    is_refund: bool = False


@dataclass(frozen=True)
class Performer:
    service_line_id: str
    employee_id: str
    role: str


@dataclass(frozen=True)
class Inputs:
    """Everything that pay depends on, besides the schemes."""

    lines: list[Line]
    performers: list[Performer]
    norm_costs: dict[str, Decimal]
    clinics: dict[str, str]  # clinic → currency


@dataclass(frozen=True)
class Computed:
    """A warehouse after a dbt pass, where dbt wrote beside it, and the random part of what went in."""

    warehouse: Path
    scratch: Path
    random: Inputs


def write_warehouse(path: Path, inputs: Inputs, schemes: list[Scheme]) -> None:
    rows: dict[str, Iterable[tuple[object, ...]]] = {
        "facts.fct_service_lines": (
            (*astuple(line), inputs.norm_costs.get(line.service_id or "")) for line in inputs.lines
        ),
        "facts.fct_line_performers": map(astuple, inputs.performers),
        "dimensions.dim_clinic": inputs.clinics.items(),
    }
    with duckdb.connect(path) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.split('.')[0]}")
            connection.execute(
                f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
            )
            listed = list(rows[table])
            if listed:
                connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", listed)
        write_scheme_tables(connection, schemes)


def run_dbt(command: str, warehouse: Path, scratch: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `dbt build` or `dbt test` on the incentive models alone, as the pipeline does: in a process of its own."""
    options = {"project-dir": DBT_PROJECT, "profiles-dir": DBT_PROJECT, "target-path": scratch, "log-path": scratch}
    return subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            command,
            "--select",
            "path:models/marts/incentives",
            *arguments,
            *(part for name, value in options.items() for part in (f"--{name}", str(value))),
        ],
        env={**os.environ, "TRIUNE_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
