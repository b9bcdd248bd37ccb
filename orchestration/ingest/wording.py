"""How texts that come out of a file are shown in a message: short, on one line, without signs that no screen shows."""

from __future__ import annotations

from collections.abc import Collection

_LONGEST_NAME = 60
_MOST_NAMES = 40


def shown(names: Collection[str]) -> str:
    """Names in quotes; of very many the first."""
    listed = ", ".join(f"'{_legible(name)}'" for name in list(names)[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{listed} and {more:,} more" if more > 0 else listed


def _legible(name: str) -> str:
    cut = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cut)
