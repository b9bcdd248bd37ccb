"""Layer 5: marts published for BI tools. If a step before fails, the last published snapshot stays as it is."""

from datetime import timedelta

import dagster as dg

from orchestration.assets.payouts import LEDGER_KEY
from orchestration.publish.snapshot import MARTS_FILE, publish_marts
from orchestration.resources import Observer, Workspace, observed

PUBLISH = "publish"
PUBLISHED_KEY = dg.AssetKey(["published", "marts"])


def build_published(marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The step that publishes a snapshot of `marts`."""

    @dg.asset(
        key=PUBLISHED_KEY,
        deps=[*marts, LEDGER_KEY],
        group_name="published",
        kinds={"duckdb", "parquet"},
        description="published/marts.duckdb and published/parquet/: what BI tools open.",
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=timedelta(hours=48), warn_window=timedelta(hours=30)
        ),
        pool="duckdb",
    )
    def published(workspace: dg.ResourceParam[Workspace], observer: dg.ResourceParam[Observer]) -> dg.MaterializeResult:
        settings = workspace.settings
        with observed(observer, PUBLISH):
            tables = publish_marts(settings.warehouse, settings.published)
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(settings.published / MARTS_FILE)),
                "rows": dg.MetadataValue.json({table.name: table.rows for table in tables}),
            }
        )

    return published
