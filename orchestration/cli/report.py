"""Collects what a finished run has to say, from the warehouse and the pay ledger. Prints nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from models.source_terms import Delivery
from orchestration.ingest.loading.warehouse import open_warehouse
from orchestration.ledger import totals_by_role
from orchestration.publish.snapshot import MARTS_FILE, PARQUET_LINK
from orchestration.resources import Workspace

_SHOWN_SAMPLES = 3


@dataclass(frozen=True)
class EntityRows:
    """Rows of one entity over the days of the run; `reasons` are the grounds for quarantine, commonest first."""

    entity: str
    read: int
    loaded: int
    quarantined: int
    reasons: list[tuple[str, int]]


@dataclass(frozen=True)
class FailedCheck:
    """An expectation that did not hold; `samples` say where."""

    severity: str
    entity: str
    expectation: str
    rows_failed: int
    reason: str
    samples: list[str]


@dataclass(frozen=True)
class UnknownReferences:
    """Rows whose `column` names a row of `target` that no export has delivered; `samples` say where."""

    entity: str
    column: str
    target: str
    rows: int
    samples: list[str]


@dataclass(frozen=True)
class ClinicTotals:
    """One clinic over the days of the run. None: not available."""

    clinic: str
    currency: str
    ledger: Decimal | None
    commerce: Decimal | None
    utilisation: Decimal | None
    potential: Decimal | None
    untied_days: int
    room_hours: Decimal | None
    doctor_hours: Decimal | None
    sold_hours: Decimal | None
    appointments: int | None
    attended: int | None


@dataclass(frozen=True)
class DayReport:
    """Everything the summary shows."""

    source: str
    first_day: date
    last_day: date
    entities: list[EntityRows] = field(default_factory=list)
    checks: list[tuple[str, int, int]] = field(default_factory=list)
    failed_checks: list[FailedCheck] = field(default_factory=list)
    references: list[UnknownReferences] = field(default_factory=list)
    clinics: list[ClinicTotals] = field(default_factory=list)
    payouts: list[tuple[str, int, Decimal]] = field(default_factory=list)
    # Calendar rule → the figures that rest on it.
    assumptions: list[tuple[str, list[str]]] = field(default_factory=list)
    # Missing input → the figures that need it.
    not_available: list[tuple[str, list[str]]] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)


def gather_report(workspace: Workspace, source: str, first_day: date, last_day: date) -> DayReport:
    """The report of a run over these export days; parts that the run did not reach are empty."""
    settings = workspace.settings
    if not settings.warehouse.exists():
        return DayReport(source, first_day, last_day)
    # An export that comes now and then holds its whole history: all of its days are shown, not the day it came.
    daily = workspace.profiles[source].delivery is Delivery.DAILY
    span = (first_day, last_day) if daily else (date.min, date.max)
    with open_warehouse(settings.warehouse, read_only=True) as connection:
        references, failed_checks = _told_apart(_failed_checks(connection, source, first_day, last_day), workspace)
        return DayReport(
            source,
            first_day,
            last_day,
            entities=_entities(connection, source, first_day, last_day),
            checks=_checks(connection, source, first_day, last_day),
            failed_checks=failed_checks,
            references=references,
            clinics=_clinics(connection, source, *span) if _has(connection, "mart_triune__clinic_day") else [],
            payouts=totals_by_role(settings.ledger, source, *span) if settings.ledger.exists() else [],
            assumptions=_assumptions(connection, source) if _has(connection, "mart_triune__assumptions") else [],
            not_available=_not_available(connection, source) if _has(connection, "mart_triune__not_available") else [],
            files={
                "for BI tools": settings.published / MARTS_FILE,
                "as Parquet": settings.published / PARQUET_LINK,
                "pay ledger (restricted)": settings.ledger,
                "quarantine (ops.quarantine)": settings.warehouse,
            },
        )


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(_rows(connection, "select 1 from duckdb_tables() where table_name = ?", [table]))


def _rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(query, parameters).fetchall()


def _entities(connection: duckdb.DuckDBPyConnection, source: str, first: date, last: date) -> list[EntityRows]:
    reasons: dict[str, list[tuple[str, int]]] = {}
    for entity, rule, count, file, row in _rows(
        connection,
        """
        select entity, coalesce(column_name || ': ', '') || replace(rule, '_', ' ') as broken_rule,
            count(distinct (_file, _row)) as affected, arg_min(_file, (_file, _row)), arg_min(_row, (_file, _row))
        from ops.quarantine where _source = ? and _export_date between ? and ?
        group by entity, broken_rule order by affected desc, broken_rule
        """,
        [source, first, last],
    ):
        reasons.setdefault(entity, []).append((f"{rule} (e.g. {file} row {row})", count))
    return [
        EntityRows(entity, int(read), int(loaded), int(quarantined), reasons.get(entity, []))
        for entity, read, loaded, quarantined in _rows(
            connection,
            """
            select entity, sum(rows_read), sum(rows_loaded), sum(rows_quarantined)
            from ops.load_log where _source = ? and export_date between ? and ?
            group by entity order by entity
            """,
            [source, first, last],
        )
    ]


def _checks(connection: duckdb.DuckDBPyConnection, source: str, first: date, last: date) -> list[tuple[str, int, int]]:
    return _rows(
        connection,
        """
        select severity, count(*), count(*) filter (where not success)
        from ops.check_results where _source = ? and first_date >= ? and last_date <= ?
        group by severity order by severity
        """,
        [source, first, last],
    )


def _failed_checks(connection: duckdb.DuckDBPyConnection, source: str, first: date, last: date) -> list[FailedCheck]:
    rows = _rows(
        connection,
        """
        select severity, entity, expectation, rows_failed, reason, sample_rows
        from ops.check_results where _source = ? and first_date >= ? and last_date <= ? and not success
        order by severity, entity, expectation
        """,
        [source, first, last],
    )
    return [
        FailedCheck(severity, entity, expectation, failed, reason, _samples(sample_rows))
        for severity, entity, expectation, failed, reason, sample_rows in rows
    ]


def _told_apart(failed: list[FailedCheck], workspace: Workspace) -> tuple[list[UnknownReferences], list[FailedCheck]]:
    """References to what was not delivered, most first; and the other failed checks."""
    references = {
        (entity, f"{name}_is_known"): (name, column.references)
        for entity, contract in workspace.contracts.items()
        for name, column in contract.columns.items()
        if column.references
    }
    named = [
        UnknownReferences(check.entity, *references[check.entity, check.expectation], check.rows_failed, check.samples)
        for check in failed
        if (check.entity, check.expectation) in references
    ]
    others = [check for check in failed if (check.entity, check.expectation) not in references]
    return sorted(named, key=lambda found: -found.rows), others


def _samples(sample_rows: str) -> list[str]:
    """Where the first failing rows are, and what was found where a day failed as a whole."""
    return [_place(sample) for sample in json.loads(sample_rows)[:_SHOWN_SAMPLES]]


def _place(sample: dict[str, Any]) -> str:
    if sample["file"]:
        return f"{sample['file']} row {sample['row']}"
    return f"{sample['export_date']}: {sample['value']}" if sample["value"] else str(sample["export_date"])


def _clinics(connection: duckdb.DuckDBPyConnection, source: str, first: date, last: date) -> list[ClinicTotals]:
    return [
        ClinicTotals(*row)
        for row in _rows(
            connection,
            """
            select clinics.clinic_name, any_value(triune.currency),
                sum(triune.ledger_revenue_amount), sum(triune.commerce_revenue_amount),
                sum(triune.utilisation_revenue_amount), sum(triune.potential_revenue_amount),
                count(*) filter (where not triune.is_tied),
                sum(utilisation.room_hours), sum(utilisation.doctor_hours), sum(utilisation.sold_hours),
                sum(utilisation.appointments), sum(utilisation.appointments_attended)
            from marts.mart_triune__clinic_day as triune
            join marts.mart_utilisation__clinic_day as utilisation using (clinic_id, local_date)
            join dimensions.dim_clinic as clinics using (clinic_id)
            where triune.source_id = ? and local_date between ? and ?
            group by clinics.clinic_id, clinics.clinic_name
            order by coalesce(sum(triune.ledger_revenue_amount), 0) desc, clinics.clinic_id
            """,
            [source, first, last],
        )
    ]


def _assumptions(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, list[str]]]:
    return _rows(
        connection,
        """
        select calendar_rule, list(distinct metric order by metric)
        from marts.mart_triune__assumptions where source_id = ?
        group by calendar_rule order by calendar_rule
        """,
        [source],
    )


def _not_available(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, list[str]]]:
    """The most needed first; a metric may lack several."""
    return _rows(
        connection,
        """
        select missing_input, list(distinct metric order by metric)
        from (
            select unnest(string_split(missing_inputs, ', ')) as missing_input, metric
            from marts.mart_triune__not_available where source_id = ?
        )
        group by missing_input order by count(distinct metric) desc, missing_input
        """,
        [source],
    )
