"""The key of a row as one text, as ops tables name it: the text of `row_key` in dbt_project/macros/versions.sql."""

from __future__ import annotations

from models.contracts import Contract


def row_key(contract: Contract, relation: str | None = None) -> str:
    """SQL of the key of `relation`'s rows: NULL if a part of it is. Parts are told apart whatever they hold."""
    prefix = f"{relation}." if relation else ""
    parts = [f"cast({prefix}{name} as varchar)" for name in contract.key]
    if len(parts) == 1:
        return parts[0]
    return " || '|' || ".join(f"replace(replace({part}, '~', '~~'), '|', '~|')" for part in parts)
