"""Layer 1: one asset per source, made from its profile: the day's export, read into typed batches and guarded.

A source's entities always move together, and Dagster keeps an event per asset and day: one partitioned asset per
source makes half a year's backfill a matter of seconds. Each entity's suite is an asset check of its own.
"""

import time
from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb

from expectations.results import GuardResult
from models.sources import Profile
from orchestration.assets.previews import TimedRead, batch_rows, counts_table, failures_table, quarantine_table
from orchestration.ingest.database.land import DatabaseAway
from orchestration.ingest.export import Export, guard_export, missing_days, read_export
from orchestration.ingest.loading.records import record_checks
from orchestration.ingest.loading.warehouse import create_tables, open_warehouse
from orchestration.ingest.refusal import ExportRefused, FileProblem, blocking_problems
from orchestration.partitions import days_of
from orchestration.resources import Observer, Workspace, observed

LAND, READ, GUARD = "land", "read", "guard"
BATCHES = "batches"
# Metadata of a failed step: what is wrong in which file, for the alert.
PROBLEMS = "problems"


def batches_key(source: str) -> dg.AssetKey:
    return dg.AssetKey([source, BATCHES])


def build_batches(profile: Profile, days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The step that reads and guards one source. A failed critical expectation keeps the day out of the warehouse."""
    key = batches_key(profile.source)

    @dg.asset(
        key=key,
        group_name=profile.source,
        kinds={"parquet"},
        description=f"{profile.title}: the export of a day as typed Parquet, and the rows that could not be typed.",
        partitions_def=days,
        check_specs=[
            dg.AssetCheckSpec(entity, asset=key, blocking=True, description=f"Great Expectations suite of {entity}.")
            for entity in profile.entity_names
        ],
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
        pool="duckdb",
    )
    def batches(
        context: dg.AssetExecutionContext,
        workspace: dg.ResourceParam[Workspace],
        observer: dg.ResourceParam[Observer],
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        days_wanted = workspace.days_to_read(days_of(context))
        if profile.database:
            _land(workspace, profile.source, days_wanted, observer)
        if not workspace.expects_export(profile.source, days_wanted):
            yield dg.MaterializeResult(metadata={"rows_read": dg.MetadataValue.text("nothing has landed")})
            yield from (_nothing_delivered(entity) for entity in profile.entity_names)
            return
        try:
            export = workspace.export(profile.source, days_wanted)
            for problem in missing_days(export, days_wanted):
                observer.warned(str(problem))
            with observed(observer, READ):
                reads = list(_timed_reads(context, export, workspace.settings.patient_key(), observer))
        except ExportRefused as refused:
            raise _failure(str(refused), refused.problems) from refused
        with observed(observer, GUARD):
            results = guard_export(export, workspace.settings.warehouse, lambda what: observer.saw(GUARD, what))
            with open_warehouse(workspace.settings.warehouse) as connection:
                create_tables(connection, workspace.contracts)
                record_checks(connection, results)
        yield dg.MaterializeResult(metadata=_metadata(export, reads, results))
        with duckdb.connect() as connection:
            verdicts = [_check_result(connection, export, result) for result in results]
        yield from verdicts
        guarded = {result.entity for result in results}
        yield from (_nothing_delivered(entity) for entity in profile.entity_names if entity not in guarded)
        problems = [problem for result in results for problem in blocking_problems(result, profile)]
        if problems:
            checks = ", ".join(sorted({f"{problem.entity} {problem.day}" for problem in problems}))
            raise _failure(f"{profile.source}: blocked by critical checks: {checks}", problems)

    return batches


def _land(workspace: Workspace, source: str, days: list[date], observer: Observer) -> None:
    try:
        with observed(observer, LAND):
            for landed in workspace.land(source, days):
                observer.saw(LAND, f"{landed.entity}: {landed.rows:,} rows")
    except ExportRefused as refused:
        # A database that cannot be reached may be back in a moment; what is wrong with a query stays wrong.
        raise _failure(str(refused), refused.problems, may_pass=isinstance(refused, DatabaseAway)) from None


def _timed_reads(
    context: dg.AssetExecutionContext, export: Export, patient_key: bytes, observer: Observer
) -> Iterator[TimedRead]:
    began = time.perf_counter()
    for read in read_export(export, patient_key):
        yield TimedRead(read, time.perf_counter() - began)
        observer.saw(READ, f"{read.entity}: {read.rows_read:,} rows")
        for warning in read.warnings:
            context.log.warning(warning)
            observer.warned(warning)
        began = time.perf_counter()


def _failure(description: str, problems: list[FileProblem], *, may_pass: bool = False) -> dg.Failure:
    """Carries the problems to the alert. Trying again cannot mend a file."""
    told = dg.MetadataValue.json([problem.as_json() for problem in problems])
    return dg.Failure(description, metadata={PROBLEMS: told}, allow_retries=may_pass)


def _metadata(export: Export, timed: list[TimedRead], results: list[GuardResult]) -> dict[str, dg.MetadataValue]:
    reads = [one.read for one in timed]
    warnings = [warning for read in reads for warning in read.warnings]
    refused = sum(result.rows_to_quarantine for result in results)
    days_of_entities = [(read.entity, [count.day for count in read.files]) for read in reads]
    return {
        "rows_read": dg.MetadataValue.int(sum(read.rows_read for read in reads)),
        "rows_quarantined": dg.MetadataValue.int(sum(read.rows_quarantined for read in reads) + refused),
        "seconds": dg.MetadataValue.float(round(sum(one.seconds for one in timed), 2)),
        "quarantine": quarantine_table(export.store, export.profile.source, days_of_entities),
        "warnings": dg.MetadataValue.md("\n".join(f"- {warning}" for warning in warnings) or "none"),
        "entities": counts_table(timed, results),
    }


def _nothing_delivered(entity: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=entity, passed=True, description="Nothing was delivered.")


def _check_result(connection: duckdb.DuckDBPyConnection, export: Export, result: GuardResult) -> dg.AssetCheckResult:
    blocked = ", ".join(str(day) for day in result.blocked_days)
    paths = export.store.paths(result.source, result.entity, result.days)
    return dg.AssetCheckResult(
        check_name=result.entity,
        passed=not result.blocked_days,
        description=f"A critical expectation failed on {blocked}" if blocked else None,
        # Whole numbers are plotted over time.
        metadata={name: value for name, value in result.summary().items() if isinstance(value, int)}
        | {
            "failures": failures_table(result.failed),
            "typed_rows": batch_rows(connection, paths, export.contracts[result.entity]),
        },
    )
