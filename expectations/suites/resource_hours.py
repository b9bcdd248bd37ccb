"""What an export of opening and out-of-service rules must satisfy: room hours, and so every load figure, rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, between, not_before, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `resource_hours`."""
    return (
        *contract_rules(contract),
        between(
            "weekday",
            "Weekdays are counted 1 = Monday … 7 = Sunday; another number is no day. Map the MIS's numbers in "
            "the profile.",
            least=1,
            most=7,
        ),
        row_rule(
            "rule_has_a_date_or_a_weekday",
            "(on_date IS NULL) = (weekday IS NULL)",
            "A rule holds on one date or on one weekday; with both or neither its hours cannot be placed. "
            "Fill exactly one of them.",
            columns=("on_date", "weekday"),
            severity=Severity.ERROR,
        ),
        not_before(
            "closes_at",
            "opens_at",
            "A rule ends later on the same day than it starts. Split hours that cross midnight in two; midnight "
            "is 24:00.",
            strictly=True,
        ),
        not_before(
            "valid_to", "valid_from", "A rule cannot end before it begins: it would open nothing. Correct the dates."
        ),
        row_rule(
            "weekday_rule_has_a_first_date",
            "weekday IS NOT NULL AND valid_from IS NULL",
            "A weekday rule counts from its first date on; without one it opens nothing. Fill it, if need be "
            "with an early date.",
            columns=("valid_from", "weekday"),
            severity=Severity.WARN,
        ),
    )
