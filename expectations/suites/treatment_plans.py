"""What an export of treatment plans must satisfy: sales potential is counted from presented plans."""

from __future__ import annotations

from collections.abc import Iterator

from expectations.contract_rules import contract_rules
from expectations.rules import BATCH, Rule, Severity, between, not_ahead, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `treatment_plans`."""
    return (
        *contract_rules(contract),
        between(
            "plan_version",
            "Versions of a plan are counted from 1; the first is the one presented. Correct the number.",
            least=1,
        ),
        *_order("signed_at", "A plan cannot be signed before it is shown: the order of the sale would be lost."),
        *_order("closed_at", "A plan cannot be closed before it is shown: its days of life would be negative."),
        row_rule(
            "plan_has_a_clinic_or_a_consultation",
            "clinic_id IS NULL AND appointment_id IS NULL",
            "A plan is its clinic's, or that of the consultation it came of; with neither nobody knows whose it is. "
            "Fill one of them in the MIS, or map it in the profile.",
            columns=("clinic_id", "appointment_id"),
            severity=Severity.WARN,
        ),
        row_rule(
            "shown_plan_says_when",
            "status IN ('presented', 'accepted', 'completed') AND presented_at IS NULL",
            "A plan without a date of presentation never enters sales potential. Fill the date in the MIS.",
            columns=("presented_at", "status"),
            severity=Severity.WARN,
        ),
        row_rule(
            "shown_plan_has_items",
            "status IN ('presented', 'accepted', 'completed')",
            "A plan that was shown is worth the sum of its items; without one it adds nothing to sales potential. "
            "Export the items with the plan, or look for them in quarantine.",
            columns=("plan_id", "plan_version"),
            severity=Severity.WARN,
            relation=f"(SELECT * FROM {BATCH} AS plan WHERE NOT EXISTS (FROM known.plan_items AS item "
            "WHERE item.plan_id = plan.plan_id AND item.plan_version = plan.plan_version))",
            needs=("plan_items", "treatment_plans.status"),
        ),
        not_ahead(
            "presented_at", "A plan of a day still ahead has not been shown. Check the date format of the profile."
        ),
    )


def _order(later: str, why: str) -> Iterator[Rule]:
    # Some systems keep one of the two as a date only.
    yield row_rule(
        f"{later}_is_not_before_presented_at",
        f"{later} < presented_at - INTERVAL 1 DAY",
        f"{why} Correct the dates in the MIS.",
        columns=(later, "presented_at"),
        severity=Severity.ERROR,
    )
