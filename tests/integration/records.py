"""What a CSV file holds by the grammar of RFC 4180, told from its bytes and without our reader. No tests."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What the reader trims: spaces of any width, and tabs, which it makes spaces of.
_SPACES = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


@dataclass(frozen=True)
class Record:
    """A record below the header, or a line of which none can be made (`cells` is None). `row` counts records."""

    row: int
    cells: tuple[str, ...] | None
    lines: int = 1


@dataclass(frozen=True)
class Contents:
    """Header, and records that hold anything. `is_certain`: whether anybody can tell where each of them ends."""

    header: tuple[str, ...]
    records: tuple[Record, ...]
    is_certain: bool = True


def trimmed(text: str) -> str:
    return text.strip(_SPACES)


def contents(data: bytes, encoding: str, delimiter: str) -> Contents | None:
    """What the file holds; None if it is not text in this encoding. Zero bytes are no text, in whatever place."""
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return None
    if "\0" in text:
        return None
    if encoding == "utf-8":
        text = text.removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if text and not text.endswith("\n"):
        text += "\n"
    rows, is_certain, begins = [], True, 0
    while begins < len(text):
        cells, ends, is_closed = _record(text, begins, delimiter)
        # A quote that is left open may be meant to be closed below, unless there is nothing below.
        is_certain = is_certain and (is_closed or not text[ends:].strip())
        rows.append((text[begins:ends], cells))
        begins = ends
    header = tuple(trimmed(name) for name in (rows[0][1] or ())) if rows else ()
    records = (
        Record(number, cells, written.count("\n"))
        for number, (written, cells) in enumerate(rows[1:], 2)
        if written.strip(f"{delimiter} \n")
    )
    return Contents(header, tuple(records), is_certain)


def _record(text: str, begins: int, delimiter: str) -> tuple[tuple[str, ...] | None, int, bool]:
    """Cells of the record at `begins`, where the next one begins, and whether every quote on the way is closed.

    Spaces around a quoted value are none of its own. A quote inside a value that has none around it is a sign like any
    other; one behind the quote that closes a value makes the line no record.
    """
    quoted = re.compile(rf' *"([^"]*(?:""[^"]*)*)" *(?=[{delimiter}\n])')
    plain = re.compile(rf'(?! *")[^{delimiter}\n]*')
    cells: list[str] = []
    at = begins
    while True:
        if found := quoted.match(text, at):
            cells.append(found[1].replace('""', '"'))
        elif found := plain.match(text, at):
            cells.append(found[0])
        else:
            ends = text.index("\n", at)
            is_closed = re.match(r' *"[^"\n]*(?:""[^"\n]*)*"', text[at:ends]) is not None
            return None, ends + 1, is_closed
        at = found.end() + 1
        if text[found.end()] == "\n":
            return tuple(cells), at, True
