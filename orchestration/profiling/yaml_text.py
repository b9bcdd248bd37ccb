"""Writes a profile as YAML with a comment beside each line; loading it gives back exactly the plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

DECIDE = "DECIDE"
_WIDTH = 120
_PLAIN = re.compile(r"[^\W\d_][^:#{}\[\],&*!|>'\"%@`\n]*", re.UNICODE)


def scalar(value: Any) -> str:
    """A value on one line. Text stays plain where it is read back as the same text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {scalar(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(scalar(item) for item in value) + "]"
    if isinstance(value, bool | int) or value is None:
        return json.dumps(value)
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and text == text.strip() and yaml.safe_load(text) == text
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def line(indent: int, key: str, value: Any = None, comment: str = "", *, decide: bool = False) -> str:
    """`key: value  # comment`; a comment that does not fit stands above, a mapping that does not fit is a block."""
    start = " " * indent + f"{scalar(key)}:"
    text = start if value is None else f"{start} {scalar(value)}"
    if len(text) <= _WIDTH or not isinstance(value, dict):
        return with_comment(text, comment, decide=decide)
    return "\n".join(
        [with_comment(start, comment, decide=decide), *(line(indent + 2, *pair) for pair in value.items())]
    )


def with_comment(text: str, comment: str, *, decide: bool = False) -> str:
    if not comment:
        return text
    marked = f"# {DECIDE}: {comment}" if decide else f"# {comment}"
    if len(text) + 2 + len(marked) <= _WIDTH:
        return f"{text}  {marked}"
    indent = " " * (len(text) - len(text.lstrip()))
    return "\n".join([*(f"{indent}{part}" for part in _wrapped(marked, _WIDTH - len(indent))), text])


def block(indent: int, key: str, items: Iterable[tuple[str, str]]) -> list[str]:
    """A list, an item with its comment on each line."""
    return [
        " " * indent + f"{key}:",
        *(with_comment(" " * (indent + 2) + f"- {scalar(item)}", comment) for item, comment in items),
    ]


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("#")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
