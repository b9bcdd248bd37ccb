"""Layer 1: one asset per source, made from its profile: the day's export, read into typed batches and guarded.

A source's entities always move together, and Dagster keeps an event per asset and day: one partitioned asset per
source makes half a year's backfill a matter of seconds. Each entity's suite is an asset check of its own.
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from expectations.results import GuardResult
from models.sources import Profile
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.database.land import DatabaseAway
from orchestration.ingest.export import guard_export, missing_days, read_export
from orchestration.ingest.load import record_checks
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.warehouse import create_tables, open_warehouse
from orchestration.partitions import days_of
from orchestration.resources import Observer, Workspace, observed

LAND, READ, GUARD = "land", "read", "guard"


def batches_key(source: str) -> dg.AssetKey:
    return dg.AssetKey([source, "batches"])


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
        reads: list[EntityRead] = []
        days_wanted = days_of(context)
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
                for read in read_export(export, workspace.settings.patient_key()):
                    reads.append(read)
                    observer.saw(READ, f"{read.entity}: {read.rows_read:,} rows")
                    for warning in read.warnings:
                        context.log.warning(warning)
                        observer.warned(warning)
        except ExportRefused as refused:
            # Trying again cannot mend a file.
            raise dg.Failure(str(refused), allow_retries=False) from refused
        yield dg.MaterializeResult(metadata=_metadata(reads))
        with observed(observer, GUARD):
            results = []
            for result in guard_export(export):
                results.append(result)
                observer.saw(GUARD, f"{result.entity}: {len(result.expectations)} expectations")
            with open_warehouse(workspace.settings.warehouse) as connection:
                create_tables(connection, workspace.contracts)
                record_checks(connection, results)
        for result in results:
            yield _check_result(result)
        guarded = {result.entity for result in results}
        yield from (_nothing_delivered(entity) for entity in profile.entity_names if entity not in guarded)

    return batches


def _land(workspace: Workspace, source: str, days: list[date], observer: Observer) -> None:
    try:
        with observed(observer, LAND):
            for landed in workspace.land(source, days):
                observer.saw(LAND, f"{landed.entity}: {landed.rows:,} rows")
    except ExportRefused as refused:
        # A database that cannot be reached may be back in a moment; what is wrong with a query stays wrong.
        raise dg.Failure(str(refused), allow_retries=isinstance(refused, DatabaseAway)) from None


def _metadata(reads: list[EntityRead]) -> dict[str, dg.MetadataValue]:
    warnings = [warning for read in reads for warning in read.warnings]
    return {
        "rows_read": dg.MetadataValue.int(sum(read.rows_read for read in reads)),
        "rows_quarantined": dg.MetadataValue.int(sum(read.rows_quarantined for read in reads)),
        "entities": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "entity": read.entity,
                        "files": len(read.files),
                        "rows_read": read.rows_read,
                        "rows_quarantined": read.rows_quarantined,
                    }
                )
                for read in reads
            ]
        ),
        "warnings": dg.MetadataValue.md("\n".join(f"- {warning}" for warning in warnings) or "none"),
    }


def _nothing_delivered(entity: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(check_name=entity, passed=True, description="Nothing was delivered.")


def _check_result(result: GuardResult) -> dg.AssetCheckResult:
    blocked = ", ".join(str(day) for day in result.blocked_days)
    return dg.AssetCheckResult(
        check_name=result.entity,
        passed=not result.blocked_days,
        description=f"A critical expectation failed on {blocked}" if blocked else None,
        # Whole numbers are plotted over time.
        metadata={name: value for name, value in result.summary().items() if isinstance(value, int)}
        | {"failures": dg.MetadataValue.md("\n".join(f"- {failed}" for failed in result.failed) or "none")},
    )
