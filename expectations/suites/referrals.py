"""What an export of redirections must satisfy: module M7 pays for performed ones."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, not_ahead, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `referrals`."""
    return (
        *contract_rules(contract),
        row_rule(
            "referral_names_its_destination",
            "to_employee_id IS NULL AND to_specialty IS NULL",
            "A referral to nobody cannot be followed to a visit. Fill the doctor or the specialty in the MIS.",
            columns=("to_employee_id", "to_specialty"),
            severity=Severity.WARN,
        ),
        row_rule(
            "referral_is_to_another_doctor",
            "from_employee_id = to_employee_id",
            "Sending a patient to oneself is a repeat visit and earns no referral pay. Check the doctor.",
            columns=("to_employee_id",),
            severity=Severity.WARN,
        ),
        row_rule(
            "performed_referral_has_its_visit",
            "outcome = 'performed' AND to_appointment_id IS NULL",
            "A performed referral without the visit that came of it cannot be proved, so it is not paid. Link "
            "the visit.",
            columns=("to_appointment_id", "outcome"),
            severity=Severity.WARN,
        ),
        row_rule(
            "referral_leads_to_another_visit",
            "from_appointment_id = to_appointment_id",
            "The visit that came of a referral is not the one it was written in. Check the link.",
            columns=("to_appointment_id",),
            severity=Severity.WARN,
        ),
        not_ahead("referred_at", "A referral cannot be written after it was exported. Check the date."),
    )
