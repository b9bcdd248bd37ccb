"""What an export of prices must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between, not_blank
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `prices`."""
    return (
        *contract_rules(contract),
        between("price_amount", "A price is not negative. Correct it in the price list.", least=0),
        not_blank("fee_level", "A price without a named fee level is found by no line. Name the level, e.g. base."),
    )
