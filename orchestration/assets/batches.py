"""Layer 1: every entity of a source read into typed batches and guarded. One step per source, made from its profile."""

from collections.abc import Iterator

import dagster as dg

from expectations.results import GuardResult
from models.sources import Profile
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.export import guard_export, read_export
from orchestration.ingest.load import record_checks
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.warehouse import create_tables, open_warehouse
from orchestration.partitions import days_of
from orchestration.resources import Observer, Workspace, observed

GUARD_CHECK = "guard"
READ, GUARD = "read", "guard"


def batch_key(source: str, entity: str) -> dg.AssetKey:
    return dg.AssetKey([source, entity])


def build_batches(profile: Profile, days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The step that reads and guards one source. A failed critical expectation keeps the day out of the warehouse."""
    keys = {entity: batch_key(profile.source, entity) for entity in profile.entities}

    @dg.multi_asset(
        name=f"batches_{profile.source}",
        specs=[
            dg.AssetSpec(key, group_name=profile.source, kinds={"parquet"}, partitions_def=days)
            for key in keys.values()
        ],
        check_specs=[
            dg.AssetCheckSpec(
                GUARD_CHECK, asset=key, blocking=True, description="Great Expectations suite, on the batch."
            )
            for key in keys.values()
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
        reads: dict[str, EntityRead] = {}
        try:
            export = workspace.export(profile.source, days_of(context))
            with observed(observer, READ):
                for read in read_export(export, workspace.settings.patient_key()):
                    reads[read.entity] = read
                    observer.saw(READ, f"{read.entity}: {sum(day.rows_read for day in read.days):,} rows")
                    for warning in read.warnings:
                        context.log.warning(warning)
        except ExportRefused as refused:
            # Trying again cannot mend a file.
            raise dg.Failure(str(refused), allow_retries=False) from refused
        for entity, key in keys.items():
            # Also what was not delivered: Dagster would skip every later step for one output that is not there.
            yield dg.MaterializeResult(asset_key=key, metadata=_read_metadata(reads.get(entity, EntityRead(entity))))
        with observed(observer, GUARD):
            results = []
            for result in guard_export(export):
                results.append(result)
                observer.saw(GUARD, f"{result.entity}: {len(result.expectations)} expectations")
            with open_warehouse(workspace.settings.warehouse) as connection:
                create_tables(connection, workspace.contracts)
                record_checks(connection, results)
        for result in results:
            yield _check_result(keys[result.entity], result)
        for entity in set(keys) - set(reads):
            yield dg.AssetCheckResult(
                asset_key=keys[entity], check_name=GUARD_CHECK, passed=True, description="Nothing was delivered."
            )

    return batches


def _read_metadata(read: EntityRead) -> dict[str, dg.MetadataValue]:
    worst = max(read.days, key=lambda day: day.rows_quarantined, default=None)
    return {
        "rows_read": dg.MetadataValue.int(sum(day.rows_read for day in read.days)),
        "rows_typed": dg.MetadataValue.int(sum(day.rows_typed for day in read.days)),
        "rows_quarantined": dg.MetadataValue.int(sum(day.rows_quarantined for day in read.days)),
        "files": dg.MetadataValue.int(len(read.days)),
        "file_with_most_quarantined": dg.MetadataValue.text(worst.file if worst and worst.rows_quarantined else "none"),
        "warnings": dg.MetadataValue.md("\n".join(f"- {warning}" for warning in read.warnings) or "none"),
    }


def _check_result(key: dg.AssetKey, result: GuardResult) -> dg.AssetCheckResult:
    blocked = ", ".join(str(day) for day in result.blocked_days)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=GUARD_CHECK,
        passed=not result.blocked_days,
        description=f"A critical expectation failed on {blocked}" if blocked else None,
        metadata={"expectations": dg.MetadataValue.json(dict(result.summary()))},
    )
