"""Names and texts as SQL writes them."""

from __future__ import annotations


def column_name(name: str) -> str:
    """`name` as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def escaped(text: str) -> str:
    """`text` as it stands inside a SQL text."""
    return text.replace("'", "''")


def text_literal(text: str) -> str:
    """`text` as a SQL text."""
    return f"'{escaped(text)}'"
