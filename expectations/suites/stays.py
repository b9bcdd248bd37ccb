"""What an export of stays must satisfy: bed-days and occupancy rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, not_before, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `stays`."""
    return (
        *contract_rules(contract),
        not_before(
            "departed_on",
            "arrived_on",
            "A guest cannot leave before arriving: bed-days would be negative. Correct the dates.",
        ),
        row_rule(
            "stay_is_within_a_year",
            "departed_on > arrived_on + INTERVAL 366 DAY",
            "A stay longer than a year holds a bed for all of it. Check the departure.",
            columns=("departed_on", "arrived_on"),
            severity=Severity.WARN,
        ),
        row_rule(
            "departed_guest_has_a_departure",
            "status = 'departed' AND departed_on IS NULL",
            "Without a departure the bed counts as taken to this day. Fill the date in the MIS.",
            columns=("departed_on", "status"),
            severity=Severity.WARN,
        ),
    )
