"""What an export of items of treatment plans must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import BATCH, Rule, Severity, between, row_rule
from models.contracts import Contract

# Wider than the columns, or the product of two large numbers would overflow.
_PRODUCT = "CAST(price_amount AS DECIMAL(19, 2)) * CAST(quantity AS DECIMAL(19, 4))"


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `plan_items`."""
    return (
        *contract_rules(contract),
        row_rule(
            "plan_version_is_known",
            "true",
            "The plan is known, but not in this version: the item would not count in any plan. Export every version of "
            "a plan together with its items.",
            columns=("plan_version", "plan_id"),
            severity=Severity.WARN,
            relation=f"(SELECT * FROM {BATCH} AS item WHERE plan_id IN (SELECT plan_id FROM known.treatment_plans) "
            "AND NOT EXISTS (FROM known.treatment_plans AS plan WHERE plan.plan_id = item.plan_id "
            "AND plan.plan_version = item.plan_version))",
            needs=("treatment_plans", "treatment_plans.plan_version", "plan_items.plan_version"),
        ),
        between("plan_version", "Versions of a plan are counted from 1. Correct the number.", least=1),
        row_rule(
            "quantity_is_positive",
            "quantity <= 0",
            "A plan prescribes at least something of each item. Correct the quantity in the MIS.",
            columns=("quantity",),
            severity=Severity.ERROR,
        ),
        between(
            "price_amount", "A price is not negative: the plan would be worth less than its parts. Correct it.", least=0
        ),
        between(
            "item_amount", "An item is not worth less than nothing: sales potential would shrink. Correct it.", least=0
        ),
        between(
            "direct_cost_amount",
            "A planned cost is not negative: it would raise the plan's margin. Correct it.",
            least=0,
        ),
        row_rule(
            "item_is_price_times_quantity",
            f"abs(item_amount - round({_PRODUCT}, 2)) > 0.01",
            "The item is worth another amount than price times quantity: a discount of the plan, or a mistake. "
            "The item's amount counts.",
            columns=("item_amount", "price_amount", "quantity"),
            severity=Severity.WARN,
        ),
        row_rule(
            "item_is_not_both_accepted_and_declined",
            "accepted_at IS NOT NULL AND declined_at IS NOT NULL",
            "The patient cannot have accepted and declined one item; it counts as accepted. Check which is right.",
            columns=("accepted_at", "declined_at"),
            severity=Severity.WARN,
        ),
    )
