"""What an export of opening and out-of-service rules must satisfy: room hours, and so every load figure, rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.relations import latest
from expectations.rules import BATCH, DAYS, Rule, Severity, between, not_before, row_rule
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
        row_rule(
            "rules_of_a_resource_do_not_overlap",
            "true",
            "Two rules open the resource at the same time; the time counts once. Correct the one that no longer holds.",
            columns=("opens_at", "closes_at", "resource_id"),
            severity=Severity.WARN,
            relation=_overlapping(contract),
            detail="'Overlaps rule ' || _other || '.'",
            needs=("resource_hours",),
        ),
    )


def _overlapping(contract: Contract) -> str:
    """Relation of the batch's rules that open a resource while another does."""
    rules = latest(contract, f"resource_id IN (SELECT resource_id FROM {BATCH})")
    return (
        f"(WITH open_rules AS (SELECT * FROM {rules} WHERE rule_kind = 'open') "
        "SELECT mine.*, other._other FROM open_rules AS mine, LATERAL (SELECT min(resource_hours_id) AS _other "
        "FROM open_rules AS other WHERE other.resource_id = mine.resource_id "
        "AND other.resource_hours_id <> mine.resource_hours_id "
        "AND (other.on_date = mine.on_date OR (other.weekday = mine.weekday "
        "AND other.valid_from <= coalesce(mine.valid_to, DATE '9999-12-31') "
        "AND mine.valid_from <= coalesce(other.valid_to, DATE '9999-12-31'))) "
        "AND other.opens_at < mine.closes_at AND mine.opens_at < other.closes_at) AS other "
        f"WHERE _other IS NOT NULL AND mine._export_date IN (SELECT _export_date FROM {DAYS}))"
    )
