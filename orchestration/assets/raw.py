"""Layer 2: guarded batches loaded into the warehouse's raw tables. One step, one transaction per source."""

import time
from collections import defaultdict
from collections.abc import Iterator

import dagster as dg

from orchestration.assets.batches import batches_key
from orchestration.assets.previews import latest_rows
from orchestration.ingest.export import guarded_batches, mark_loaded
from orchestration.ingest.loading.load import EntityLoad, load_batches
from orchestration.ingest.loading.warehouse import create_tables, open_warehouse
from orchestration.resources import Observer, Workspace, observed

LOAD = "load"
GROUP = "raw"


def raw_key(entity: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", entity])


# What the loader itself writes beside the raw tables: touched days, load log, quarantine, what each source provides.
OPERATIONS_KEY = dg.AssetKey(["raw", "operations"])


def build_raw(workspace: Workspace) -> dg.AssetsDefinition:
    """The step that loads every reading that has passed the guard and is not loaded yet."""
    deps = {
        entity: [batches_key(name) for name, profile in workspace.profiles.items() if entity in profile.entity_names]
        for entity in workspace.contracts
    }
    specs = [
        dg.AssetSpec(
            raw_key(entity),
            deps=deps[entity],
            group_name=GROUP,
            kinds={"duckdb"},
            description=f"Grain: {contract.grain}, per export day.",
        )
        for entity, contract in workspace.contracts.items()
    ]
    operations = dg.AssetSpec(
        OPERATIONS_KEY,
        deps=[batches_key(name) for name in workspace.profiles],
        group_name=GROUP,
        kinds={"duckdb"},
        description="What was loaded, what was quarantined and why, which days changed, what each source provides.",
    )

    @dg.multi_asset(
        name="load",
        specs=[*specs, operations],
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
        pool="duckdb",
    )
    def load(
        context: dg.AssetExecutionContext,
        workspace: dg.ResourceParam[Workspace],
        observer: dg.ResourceParam[Observer],
    ) -> Iterator[dg.MaterializeResult]:
        loads: dict[str, list[EntityLoad]] = defaultdict(list)
        began = time.perf_counter()
        with observed(observer, LOAD), open_warehouse(workspace.settings.warehouse) as connection:
            create_tables(connection, workspace.contracts)
            for export in workspace.exports_to_load():
                observer.saw(LOAD, export.profile.source)
                batches = guarded_batches(export)
                for loaded in load_batches(connection, export.profile, export.days, batches, export.store):
                    loads[loaded.entity].append(loaded)
                    for warning in loaded.warnings:
                        context.log.warning(warning)
                        observer.warned(warning)
                mark_loaded(export)
            typed_rows = {entity: latest_rows(connection, contract) for entity, contract in workspace.contracts.items()}
        for entity in workspace.contracts:
            metadata = _metadata(loads[entity]) | {"typed_rows": typed_rows[entity]}
            yield dg.MaterializeResult(asset_key=raw_key(entity), metadata=metadata)
        seconds = dg.MetadataValue.float(round(time.perf_counter() - began, 2))
        totals = _metadata([loaded for of_entity in loads.values() for loaded in of_entity])
        yield dg.MaterializeResult(asset_key=OPERATIONS_KEY, metadata=totals | {"seconds": seconds})

    return load


def _metadata(loads: list[EntityLoad]) -> dict[str, dg.MetadataValue]:
    return {
        "rows_read": dg.MetadataValue.int(sum(loaded.rows_read for loaded in loads)),
        "rows_loaded": dg.MetadataValue.int(sum(loaded.rows_loaded for loaded in loads)),
        "rows_quarantined": dg.MetadataValue.int(sum(loaded.rows_quarantined for loaded in loads)),
        "rows_changed": dg.MetadataValue.int(sum(loaded.rows_changed for loaded in loads)),
        "keys_gone_or_back": dg.MetadataValue.int(sum(loaded.keys_gone_or_back for loaded in loads)),
    }
