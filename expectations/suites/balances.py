"""What an export of balance lines must satisfy: return on assets and capitalisation rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `balances`."""
    return (
        *contract_rules(contract),
        row_rule(
            "assets_and_debt_are_not_negative",
            "balance_code IN ('assets', 'debt') AND balance_amount < 0",
            "Assets and debt are both written as positive amounts; net debt subtracts. Turn the sign in the "
            "source profile.",
            columns=("balance_amount", "balance_code"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "multiple_is_0_to_100",
            "balance_code = 'multiple' AND balance_amount NOT BETWEEN 0 AND 100",
            "An EBITDA multiple is a number of times, e.g. 6, not an amount of money. Correct it.",
            columns=("balance_amount", "balance_code"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "cash_is_not_negative",
            "balance_code = 'cash' AND balance_amount < 0",
            "Negative cash is an overdraft; it belongs to debt. Check how the balance is drawn up.",
            columns=("balance_amount", "balance_code"),
            severity=Severity.WARN,
        ),
    )
