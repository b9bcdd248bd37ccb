"""JSONPath (RFC 9535), the part of it that exports need: members, indexes, `[*]` and `[?@.a.b == 'text']`.

A path begins with `$`, the document; or with `@`, the element of it that `each` has found; `@@` is the one around that.
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


def levels_up(path: str) -> int:
    """From how far out a path begins: 1 is the element (`@`), 2 the one around it (`@@`); 0 is the document."""
    return len(path) - len(path.lstrip("@"))


def lists_in(path: str) -> int:
    """How many lists a path fans out over."""
    return sum(step.fans_out for step in steps(path))


def from_document(path: str, each: str) -> str:
    """The path from the document of what `path` finds in an element of `each`."""
    levels = levels_up(path)
    if levels == 0:
        return path
    ends = [found.end() for found in _matches(each) if _fans_out(found)]
    around = each if levels == 1 else each[: ends[-levels]]
    return around + path[levels:]


def selects_many(path: str) -> bool:
    """Whether a path may find several values."""
    return lists_in(path) > 0


def steps(path: str) -> list[Step]:
    """The steps of a path, from the document or the element where it begins.

    Raises:
        JsonPathError: says where it stops making sense.
    """
    return list(_split(path))


def _split(path: str) -> Iterator[Step]:
    if not is_path(path):
        raise JsonPathError(f"'{path}' is no path: it begins with '$', or at an element with '@'")
    plain = "$"
    for found in _matches(path):
        if _fans_out(found):
            yield Step(plain, True, found["key"], found["wanted"])
            plain = "$"
        elif found["index"]:
            plain += f"[{found['index']}]"
        else:
            plain += '."' + (found["member"] or found["quoted"]) + '"'
    yield Step(plain)


def _matches(path: str) -> Iterator[re.Match[str]]:
    at = levels_up(path) or 1
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            raise JsonPathError(f"'{path}' is not understood from '{path[at:]}' on")
        yield found
        at = found.end()


def _fans_out(found: re.Match[str]) -> bool:
    return bool(found["every"] or found["key"])
