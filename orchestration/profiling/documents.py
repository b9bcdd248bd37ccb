"""Tells what JSON documents hold: where the rows stand, and the path of every value in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_DOCUMENTS = 200
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-"


def rows_path(document: Any) -> str | None:
    """Where the rows of one document are: None of an array, else the member that is the longest array of objects."""
    if not isinstance(document, dict):
        return None
    arrays = {name: value for name, value in document.items() if _is_objects(value)}
    longest = max(arrays, key=lambda name: len(arrays[name]), default=None)
    return None if longest is None else f"$.{longest}[*]"


def documents(text: str, path: str | None) -> list[Any]:
    """Some rows of a JSON text whose rows stand at `path`."""
    whole = json.loads(text)
    if path is not None:
        whole = whole[path[2:-3]]
    return (whole if isinstance(whole, list) else [whole])[:_DOCUMENTS]


def lines(text: str) -> list[Any]:
    """Some rows of NDJSON; what is no JSON is passed over."""
    found: list[Any] = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
        if len(found) == _DOCUMENTS:
            break
    return found


def value_paths(rows: list[Any]) -> tuple[str, ...]:
    """Paths of every text, number and yes-or-no in `rows`, in the order in which they are seen."""
    return tuple(dict.fromkeys(path for row in rows for path in _paths(row, "$")))


def _paths(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _paths(child, f"{at}.{name}" if _is_plain(name) else f"{at}['{name}']")
    elif isinstance(value, list):
        if value:
            # Of several the first stands for all; a person may pick by a filter.
            yield from _paths(value[0], f"{at}[0]")
    elif value is not None:
        yield at


def _is_plain(name: str) -> bool:
    return bool(name) and not name[0].isdigit() and all(sign in _PLAIN for sign in name)


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
