"""What an export of published shifts must satisfy: doctor hours rest on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.relations import no_overlap
from expectations.rules import Rule, not_before, not_longer, threshold
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `shifts`."""
    return (
        *contract_rules(contract),
        not_before(
            "ends_at",
            "starts_at",
            "A shift cannot end before it starts: its hours would be negative. Correct it in the MIS.",
        ),
        not_longer(
            "starts_at",
            "ends_at",
            "No shift lasts longer than a day; a wrong date would fill the room for days. Correct the end, or "
            "split the shift.",
        ),
        no_overlap(
            contract,
            "doctor_is_on_one_shift_at_a_time",
            "A doctor is in one place at a time; nurses and assistants may serve several rooms. The hours of both "
            "shifts count in their rooms: correct the shift that was not worked.",
            of="employee_id",
            span=("starts_at", "ends_at"),
            when="is_cancelled IS NOT TRUE "
            "AND employee_id IN (SELECT employee_id FROM known.employees WHERE staff_role = 'doctor')",
            columns=("starts_at", "employee_id", "ends_at"),
            threshold=threshold("by more than {minutes} minutes", minutes=0),
            needs=("employees",),
        ),
    )
