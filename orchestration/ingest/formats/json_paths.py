"""JSONPath (RFC 9535), the part of it that exports need: members, indexes, `[*]` and `[?@.a.b == 'text']`, as SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.ingest.quoting import text_literal

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
class _Step:
    """A plain path, then perhaps a fan-out over an array: every element, or those whose `key` is `wanted`."""

    plain: str
    fans_out: bool = False
    key: str | None = None
    wanted: str | None = None


def is_path(text: str) -> bool:
    """`$.a.b`; a column's name otherwise."""
    return text.startswith("$")


def selects_many(path: str) -> bool:
    """Whether a path may find several values."""
    return any(step.fans_out for step in _steps(path))


def text_sql(document: str, path: str) -> str:
    """SQL text of what `path` finds in the SQL expression `document`; objects and arrays stay JSON.

    Of a path that may find several values, the text is a JSON array of them all.
    """
    steps = _steps(path)
    if not any(step.fans_out for step in steps):
        return f"json_extract_string({document}, {text_literal(steps[0].plain)})"
    texts = f"list_transform({elements_sql(document, path)}, lambda found: json_extract_string(found, '$'))"
    return f"cast(to_json(list_filter({texts}, lambda found: found is not null)) as varchar)"


def elements_sql(document: str, path: str) -> str:
    """SQL list of JSON of everything that `path` finds."""
    found = f"[{document}]"
    for number, step in enumerate(_steps(path)):
        one = f"e{number}"
        if not step.fans_out:
            if step.plain != "$":
                found = f"list_transform({found}, lambda {one}: json_extract({one}, {text_literal(step.plain)}))"
            continue
        each = f"json_extract({one}, {text_literal(step.plain + '[*]')})"
        if step.key is not None:
            same = f"json_extract_string({one}x, {text_literal('$' + step.key)}) = {text_literal(step.wanted or '')}"
            each = f"list_filter({each}, lambda {one}x: {same})"
        found = f"flatten(list_transform({found}, lambda {one}: {each}))"
    return f"list_filter({found}, lambda found: found is not null)"


def check_path(path: str) -> None:
    """Raises:
    JsonPathError: the path says what is not understood here.
    """
    _steps(path)


def _steps(path: str) -> list[_Step]:
    """The steps of a path.

    Raises:
        JsonPathError: says where it stops making sense.
    """
    return list(_split(path))


def _split(path: str) -> Iterator[_Step]:
    if not is_path(path):
        raise JsonPathError(f"'{path}' is no path: it begins with '$'")
    plain, at = "$", 1
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            raise JsonPathError(f"'{path}' is not understood from '{path[at:]}' on")
        if found["every"] or found["key"]:
            yield _Step(plain, True, found["key"], found["wanted"])
            plain = "$"
        elif found["index"]:
            plain += f"[{found['index']}]"
        else:
            plain += '."' + (found["member"] or found["quoted"]) + '"'
        at = found.end()
    yield _Step(plain)
