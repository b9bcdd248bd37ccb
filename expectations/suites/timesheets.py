"""What an export of timesheets must satisfy: hours are paid by it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between, not_ahead
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `timesheets`."""
    return (
        *contract_rules(contract),
        between("worked_hours", "A day has 24 hours. Check the unit: hours, not minutes.", least=0, most=24),
        not_ahead("work_date", "Hours of a day still ahead are a plan and not yet worked. Check the date."),
    )
