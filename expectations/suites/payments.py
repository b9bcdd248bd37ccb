"""What an export of payments must satisfy: the sign of a movement decides whether money came or went."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, not_ahead, row_rule
from expectations.totals import PAYMENT_ALLOCATIONS
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `payments`."""
    return (
        *contract_rules(contract),
        PAYMENT_ALLOCATIONS.at_parent(),
        row_rule(
            "money_in_is_not_negative",
            "payment_kind IN ('payment', 'deposit') AND payment_amount < 0",
            "A payment or an advance brings money; taken back it is a refund of its own. Map the kind, or turn "
            "the sign in the profile.",
            columns=("payment_amount", "payment_kind"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "money_back_is_not_positive",
            "payment_kind IN ('refund', 'chargeback') AND payment_amount > 0",
            "A refund or a chargeback takes money away, so it is negative; as it is it would count as income. "
            "Turn its sign in the profile.",
            columns=("payment_amount", "payment_kind"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "payment_moves_money",
            "payment_amount = 0",
            "A payment of nothing changes no figure. Check why the MIS exports it.",
            columns=("payment_amount",),
            severity=Severity.WARN,
        ),
        not_ahead(
            "paid_at",
            "Money of a day still ahead has not come. Check its status, or the date format of the profile.",
            when="coalesce(status, 'done') = 'done'",
        ),
    )
