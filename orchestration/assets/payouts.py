"""Layer 4: incentive payouts posted to the pay ledger."""

from datetime import UTC, datetime

import dagster as dg

from orchestration.ledger import post_payouts
from orchestration.resources import Observer, Workspace, observed

PAYOUTS = "payouts"
LEDGER_KEY = dg.AssetKey(["incentives", "ledger"])


def build_payouts(payable: dg.AssetKey) -> dg.AssetsDefinition:
    """The step that posts what is payable and not yet posted."""

    @dg.asset(
        key=LEDGER_KEY,
        deps=[payable],
        group_name="payouts",
        kinds={"duckdb"},
        description="The pay ledger: append-only, restricted; a second run posts nothing.",
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
        pool="duckdb",
    )
    def ledger(
        context: dg.AssetExecutionContext,
        workspace: dg.ResourceParam[Workspace],
        observer: dg.ResourceParam[Observer],
    ) -> dg.MaterializeResult:
        settings = workspace.settings
        with observed(observer, PAYOUTS):
            posting = post_payouts(settings.warehouse, settings.ledger, context.run.run_id, datetime.now(UTC))
        return dg.MaterializeResult(metadata=posting.metadata())

    return ledger
