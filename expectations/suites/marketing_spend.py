"""What an export of marketing spend must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between, not_ahead
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `marketing_spend`."""
    return (
        *contract_rules(contract),
        between(
            "spend_amount",
            "Spend is not negative: the cost of an enquiry rests on it. A correction replaces the row of its day "
            "and channel.",
            least=0,
        ),
        not_ahead(
            "spend_date",
            "Spend of a day still ahead is a plan: enquiries have not come of it yet. Check the date.",
        ),
    )
