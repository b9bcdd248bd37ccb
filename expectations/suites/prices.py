"""What an export of prices must satisfy."""

from __future__ import annotations

from expectations.contract_rules import contract_rules
from expectations.rules import BATCH, DAYS, Rule, Severity, between, not_blank, quoted, row_rule
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `prices`."""
    return (
        *contract_rules(contract),
        row_rule(
            "price_in_force_is_not_changed",
            "_price_before <> price_amount AND valid_from <= _export_date_before",
            "A price that was already in force was exported with another amount: what was sold at it would be compared "
            "with the wrong price. A new price has a first day of its own; correct the price list.",
            columns=("price_amount", "service_id", "clinic_id", "fee_level", "valid_from"),
            severity=Severity.WARN,
            relation=_beside_its_last_export(contract),
            detail="'Before: ' || _price_before || ' on ' || _export_date_before || '.'",
            needs=("prices",),
        ),
        between("price_amount", "A price is not negative. Correct it in the price list.", least=0),
        not_blank("fee_level", "A price without a named fee level is found by no line. Name the level, e.g. base."),
    )


def _beside_its_last_export(contract: Contract) -> str:
    key = ", ".join(quoted(name) for name in contract.key)
    return (
        "(SELECT * FROM (SELECT *, lag(price_amount) OVER versions AS _price_before, "
        "lag(_export_date) OVER versions AS _export_date_before FROM known.prices "
        f"WHERE ({key}) IN (SELECT ({key}) FROM {BATCH}) "
        f"WINDOW versions AS (PARTITION BY {key} ORDER BY _export_date, _row)) "
        f"WHERE _export_date IN (SELECT _export_date FROM {DAYS}))"
    )
