"""What an export of patient cards must satisfy. No value of a patient is ever shown: the row number is."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, not_ahead, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `patients`."""
    return (
        *contract_rules(contract),
        row_rule(
            "birth_year_is_plausible",
            "birth_year NOT BETWEEN 1900 AND year(_export_date)",
            "A birth year before 1900 or after the export is a typing error; ages would be wrong. Correct the "
            "card in the MIS.",
            columns=("birth_year",),
            severity=Severity.ERROR,
        ),
        row_rule(
            "card_is_not_merged_into_itself",
            "merged_into_patient_id = patient_id",
            "A card merged into itself has no surviving card, and its visits would belong to nobody. Correct the "
            "merge.",
            columns=("merged_into_patient_id",),
            severity=Severity.ERROR,
        ),
        not_ahead("registered_on", "A card opened after the export is a typing error. Correct the date."),
    )
