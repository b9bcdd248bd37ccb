"""JSONPath (RFC 9535), the part of it that exports need: members, indexes, `[*]` and `[?@.a.b == 'text']`.

A path begins with `$`, the document; or with `@`, the element of it that `each` has found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STEP = re.compile(
    r"""
    \.(?P<member>[A-Za-z_][\w-]*)
    | \[\s*'(?P<quoted>[^']+)'\s*\]
    | \[\s*(?P<index>\d+)\s*\]
    | (?P<every>\[\s*\*\s*\])
    | \[\s*\?\s*@(?P<key>(?:\.[A-Za-z_][\w-]*)+)\s*==\s*'(?P<wanted>[^']*)'\s*\]
    """,
    re.VERBOSE,
)


class JsonPathError(ValueError):
    """A text is no path that is understood here."""


@dataclass(frozen=True)
class Step:
    """A plain path, then perhaps a fan-out over an array: every element, or those whose `key` is `wanted`."""

    plain: str
    fans_out: bool = False
    key: str | None = None
    wanted: str | None = None


def is_path(text: str) -> bool:
    """`$.a.b` or `@.a.b`; a column's name otherwise."""
    return text.startswith(("$", "@"))


def is_of_element(path: str) -> bool:
    """Whether a path begins at the element rather than at the document around it."""
    return path.startswith("@")


def selects_many(path: str) -> bool:
    """Whether a path may find several values."""
    return any(step.fans_out for step in steps(path))


def steps(path: str) -> list[Step]:
    """The steps of a path, from the document or the element where it begins.

    Raises:
        JsonPathError: says where it stops making sense.
    """
    return list(_split(path))


def _split(path: str) -> Iterator[Step]:
    if not is_path(path):
        raise JsonPathError(f"'{path}' is no path: it begins with '$', or at an element with '@'")
    plain, at = "$", 1
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            raise JsonPathError(f"'{path}' is not understood from '{path[at:]}' on")
        if found["every"] or found["key"]:
            yield Step(plain, True, found["key"], found["wanted"])
            plain = "$"
        elif found["index"]:
            plain += f"[{found['index']}]"
        else:
            plain += '."' + (found["member"] or found["quoted"]) + '"'
        at = found.end()
    yield Step(plain)
