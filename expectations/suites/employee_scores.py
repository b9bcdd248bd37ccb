"""What an export of monthly scores must satisfy: coefficients of pay rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `employee_scores`."""
    return (
        *contract_rules(contract),
        row_rule(
            "score_month_is_a_first_day",
            "day(score_month) <> 1",
            "A score belongs to a month, written as its first day; another day would be a second score of the "
            "month. Correct it.",
            columns=("score_month",),
            severity=Severity.ERROR,
        ),
        row_rule(
            "ktu_is_0_to_5",
            "score_code = 'ktu' AND score_value NOT BETWEEN 0 AND 5",
            "A participation coefficient (КТУ) outside 0–5 is a typing error, and a share of a pool would follow "
            "it. Correct it.",
            columns=("score_value", "score_code"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "nps_is_minus_100_to_100",
            "score_code = 'nps' AND score_value NOT BETWEEN -100 AND 100",
            "A net promoter score lies between −100 and 100. Correct it.",
            columns=("score_value", "score_code"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "documentation_is_a_share",
            "score_code = 'documentation' AND score_value NOT BETWEEN 0 AND 1",
            "Records in order are a share from 0 to 1: 0.95, not 95. Divide by 100 in the source profile.",
            columns=("score_value", "score_code"),
            severity=Severity.ERROR,
        ),
        row_rule(
            "quality_is_not_negative",
            "score_code = 'quality' AND score_value < 0",
            "A medical audit score is not negative. Correct it.",
            columns=("score_value", "score_code"),
            severity=Severity.ERROR,
        ),
    )
