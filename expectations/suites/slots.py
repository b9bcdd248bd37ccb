"""What an export of bookable slots must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `slots`."""
    return (
        *contract_rules(contract),
        between(
            "slot_minutes",
            "A slot lasts from one minute to one day; hours offered rest on it. Check the unit: minutes, not "
            "hours or seconds.",
            least=1,
            most=1440,
        ),
    )
