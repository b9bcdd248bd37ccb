"""What an export of clinics must satisfy. Every other entity rests on it, so some failures block the day."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, day_has_rows, not_before, not_blank, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `clinics`."""
    return (
        *contract_rules(contract, severities={"time_zone": Severity.CRITICAL, "currency": Severity.CRITICAL}),
        day_has_rows(
            "Without a clinic no row has a currency or a local day, so nothing of the day can be counted. "
            "Export the list of clinics again.",
            severity=Severity.CRITICAL,
        ),
        row_rule(
            "time_zone_is_known",
            "time_zone NOT IN (SELECT name FROM pg_timezone_names())",
            "The clinic's day is cut in its time zone; with an unknown one every day of it would be wrong. "
            "Give the IANA name, e.g. Europe/Moscow, in the source profile.",
            columns=("time_zone", "clinic_id"),
            severity=Severity.CRITICAL,
        ),
        row_rule(
            "currency_is_three_capital_letters",
            "NOT regexp_full_match(currency, '[A-Z][A-Z][A-Z]')",
            "Money of different currencies is never added; the code is what tells them apart. "
            "Give the ISO 4217 code, e.g. RUB, in the source profile.",
            columns=("currency", "clinic_id"),
            severity=Severity.CRITICAL,
        ),
        not_blank("clinic_name", "People find a clinic by its name. Fill it in the MIS."),
        not_before(
            "closed_on",
            "opened_on",
            "A clinic cannot close before it opens: it would have no day at all. Correct the dates.",
        ),
    )
