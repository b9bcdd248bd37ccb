"""What an export of nightly charges must satisfy: departmental revenue of a sanatorium rests on it."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.relations import latest
from expectations.rules import BATCH, Rule, Severity, between, row_rule
from models.contracts import Contract, load_contracts


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `stay_charges`."""
    return (
        *contract_rules(contract),
        row_rule(
            "night_is_within_its_stay",
            "NOT (night_date >= _arrived_on AND night_date < coalesce(_departed_on, DATE '9999-12-31'))",
            "A night that the guest did not stay earns money without a bed-day. Correct the date, or the "
            "dates of the stay.",
            columns=("night_date", "stay_id"),
            severity=Severity.WARN,
            relation="(SELECT night.*, stay.arrived_on AS _arrived_on, stay.departed_on AS _departed_on "
            f"FROM {BATCH} AS night JOIN {_stays()} AS stay USING (stay_id))",
            detail="'The stay: ' || _arrived_on || ' to ' || coalesce(CAST(_departed_on AS VARCHAR), 'today') || '.'",
            needs=("stays",),
        ),
        between(
            "charge_amount",
            "A department's part of a night is not negative: the parts of a package would exceed it. A "
            "correction replaces the row.",
            least=0,
        ),
    )


def _stays() -> str:
    return latest(load_contracts()["stays"], f"stay_id IN (SELECT stay_id FROM {BATCH})")
