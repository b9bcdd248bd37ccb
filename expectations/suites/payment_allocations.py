"""What an export of allocations of payments to invoices must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, not_ahead, row_rule
from expectations.totals import INVOICE_ALLOCATIONS, PAYMENT_ALLOCATIONS
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `payment_allocations`."""
    return (
        *contract_rules(contract),
        PAYMENT_ALLOCATIONS.at_child(),
        INVOICE_ALLOCATIONS.at_child(),
        row_rule(
            "allocation_moves_money",
            "allocated_amount = 0",
            "An allocation of nothing pays no invoice. Check why the MIS exports it.",
            columns=("allocated_amount",),
            severity=Severity.WARN,
        ),
        not_ahead("allocated_at", "An allocation of a day still ahead has not been made. Check the date."),
    )
