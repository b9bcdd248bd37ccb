"""What an export of published shifts must satisfy: doctor hours rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, not_before, not_longer
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `shifts`."""
    return (
        *contract_rules(contract),
        not_before(
            "ends_at",
            "starts_at",
            "A shift cannot end before it starts: its hours would be negative. Correct it in the MIS.",
        ),
        not_longer(
            "starts_at",
            "ends_at",
            "No shift lasts longer than a day; a wrong date would fill the room for days. Correct the end, or "
            "split the shift.",
        ),
    )
