"""The pay ledger: what was posted to whom, in a restricted store of its own. Knows no Dagster, calculates no pay."""

from orchestration.ledger.posting import PostingSummary, post_payouts
from orchestration.ledger.totals import totals_by_module, totals_by_role

__all__ = ["PostingSummary", "post_payouts", "totals_by_module", "totals_by_role"]
