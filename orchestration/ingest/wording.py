"""How names that come out of a file are shown in a message: short, on one line, and none that is somebody's datum."""

from __future__ import annotations

import re
from collections.abc import Collection

from orchestration.privacy.patterns import HIDDEN, PERSONAL

_LONGEST_NAME = 60
_MOST_NAMES = 40
# Where a row has run into the header, an id may stand in it; the name of a column holds no such number.
_NUMBER = r"\d{5}"


def listed(names: Collection[str]) -> str:
    """Names in quotes; of very many the first."""
    texts = ", ".join(_quoted(name) for name in list(names)[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{texts} and {more:,} more" if more > 0 else texts


def shown_name(name: str) -> str:
    """A name out of a file as it may be kept: HIDDEN where it is somebody's datum."""
    return HIDDEN if re.search(f"{PERSONAL}|{_NUMBER}", name) else name


def _quoted(name: str) -> str:
    if shown_name(name) == HIDDEN:
        return HIDDEN
    cut = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return "".join(["'", *(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cut), "'"])
