"""What an export of employees must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, between, day_has_rows, not_before
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `employees`."""
    return (
        *contract_rules(contract),
        day_has_rows(
            "A list of employees without a row is an export that went wrong, unless the source sends changes "
            "only. Look at the file.",
            severity=Severity.WARN,
        ),
        between(
            "fte",
            "Nobody holds a negative position or more than five; pools are split by it. Correct it in the MIS.",
            least=0,
            most=5,
        ),
        between("salary_amount", "A salary is not negative; pools are split by it. Correct it in the MIS.", least=0),
        not_before("dismissed_on", "hired_on", "Nobody leaves before the first day. Correct the dates in the MIS."),
    )
