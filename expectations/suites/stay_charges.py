"""What an export of nightly charges must satisfy: departmental revenue of a sanatorium rests on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import Rule, between
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `stay_charges`."""
    return (
        *contract_rules(contract),
        between(
            "charge_amount",
            "A department's part of a night is not negative: the parts of a package would exceed it. A "
            "correction replaces the row.",
            least=0,
        ),
    )
