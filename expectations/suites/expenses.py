"""What an export of expenses must satisfy: EBITDA and profit rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, between
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `expenses`."""
    return (
        *contract_rules(contract),
        between(
            "expense_amount",
            "A negative expense is a correction and raises profit. Check that it is meant, and that the profile "
            "does not turn the sign.",
            least=0,
            severity=Severity.WARN,
        ),
    )
