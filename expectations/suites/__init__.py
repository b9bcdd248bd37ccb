"""One module per entity: `rules(contract)` returns what a batch of it must satisfy. Load them with `load_suite`.

References and what every delivery must satisfy follow from the contract and are added here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from expectations.deliveries import delivery_rules
from expectations.relations import references
from expectations.rules import Rule
from models.contracts import Contract, load_contracts


@dataclass(frozen=True)
class Suite:
    """The expectations of one entity."""

    contract: Contract
    rules: tuple[Rule, ...]

    @property
    def entity(self) -> str:
        return self.contract.entity

    def summary(self) -> list[dict[str, Any]]:
        """Plain values for documentation and asset metadata: one mapping per expectation."""
        return [
            {
                "expectation": rule.name,
                "severity": rule.severity.value,
                "threshold": str(rule.threshold) if rule.threshold else "",
                "of": rule.grain.value,
                "columns": ", ".join(rule.columns),
                "reason": rule.reason,
            }
            for rule in self.rules
        ]


@cache
def load_suite(entity: str) -> Suite:
    """The suite of `entity`.

    Raises:
        KeyError: there is no contract of that name.
        ValueError: two expectations have one name.
    """
    contract = load_contracts()[entity]
    own = import_module(f"{__name__}.{entity}").rules(contract)
    rules: tuple[Rule, ...] = (*own, *references(contract), *delivery_rules(contract))
    names = [rule.name for rule in rules]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{entity}: two expectations are named {', '.join(sorted(repeated))}")
    return Suite(contract, rules)


def load_suites() -> dict[str, Suite]:
    """Every suite by entity: one for each contract."""
    return {entity: load_suite(entity) for entity in load_contracts()}
