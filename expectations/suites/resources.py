"""What an export of rooms, chairs, devices and beds must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between, not_before, not_blank
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `resources`."""
    return (
        *contract_rules(contract),
        not_blank("resource_name", "The load of a room is shown by its name. Fill it in the MIS."),
        not_before(
            "valid_to",
            "valid_from",
            "A resource cannot leave service before it enters it: it would have no hours. Correct the dates in "
            "the MIS.",
        ),
        between(
            "purchase_cost_amount",
            "A device is not bought for less than nothing; payback rests on it. Correct the cost.",
            least=0,
        ),
    )
