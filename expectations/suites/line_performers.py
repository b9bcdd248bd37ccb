"""What an export of performers of lines must satisfy: credits of pay are split by it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `line_performers`."""
    return (
        *contract_rules(contract),
        between(
            "participation_hours",
            "Nobody works on one line for less than 0 or more than 24 hours. Check the unit.",
            least=0,
            most=24,
        ),
        between(
            "participation_points", "Negative points would take pay from the others of the line. Correct them.", least=0
        ),
    )
