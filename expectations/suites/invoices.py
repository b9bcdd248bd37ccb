"""What an export of invoices must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, between, not_ahead
from expectations.totals import INVOICE_ALLOCATIONS, INVOICE_LINES
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `invoices`."""
    return (
        *contract_rules(contract),
        INVOICE_LINES.at_parent(),
        INVOICE_ALLOCATIONS.at_parent(),
        between(
            "invoice_amount",
            "A negative invoice is a credit note; it lowers the debt of its patient. Check that it is meant.",
            least=0,
            severity=Severity.WARN,
        ),
        not_ahead(
            "issued_at",
            "An invoice cannot be issued after it was exported. Check the date and the time zone of the profile.",
        ),
    )
