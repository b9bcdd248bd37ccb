"""What an export of changed ids must satisfy: everything of an old id is moved to the new one."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, Severity, not_blank, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `id_changes`."""
    return (
        *contract_rules(contract),
        row_rule(
            "id_becomes_another",
            "new_id = old_id",
            "An id cannot replace itself. Check which columns the profile maps to old_id and new_id.",
            columns=("new_id", "old_id"),
            severity=Severity.ERROR,
        ),
        not_blank(
            "new_id",
            "Everything of the old id would go to an id that nothing has. Give the new id.",
            severity=Severity.ERROR,
        ),
    )
