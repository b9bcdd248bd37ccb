"""What an export of the price list must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, between, day_has_rows, not_blank
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `services`."""
    return (
        *contract_rules(contract),
        day_has_rows(
            "A price list without a service is an export that went wrong, unless the source sends changes only. "
            "Look at the file.",
            severity=Severity.WARN,
        ),
        not_blank("service_name", "A service is shown by its name in every report. Fill it in the MIS."),
        between(
            "norm_minutes",
            "A service takes from 0 minutes to a day. Check the unit: minutes, not hours.",
            least=0,
            most=1440,
        ),
        between(
            "norm_direct_cost_amount",
            "A planned cost is not negative: it would raise the margin. Correct the norm.",
            least=0,
        ),
    )
