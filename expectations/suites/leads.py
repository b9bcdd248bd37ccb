"""What an export of enquiries must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, not_ahead, not_blank
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `leads`."""
    return (
        *contract_rules(contract),
        not_ahead(
            "created_at",
            "An enquiry cannot come after it was exported. Check the date and the time zone of the profile.",
        ),
        not_blank(
            "channel", "An enquiry without a channel cannot be set against marketing spend. Leave it empty or name it."
        ),
    )
