"""Tells how a table lies in its file: the delimiter, the row of the header, titles above it, totals below."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models.synonyms import load_synonyms
from orchestration.ingest.formats.header import joined_header
from orchestration.profiling.words import stems

_DELIMITERS = (";", "\t", ",", "|")
_QUOTES = ('"', "'")
# So many rows tell how wide a table is, and whether a total stands at its end.
_ROWS = 400
_VALUE = re.compile(r"[\d\s.,:/+-]+")


@dataclass(frozen=True)
class Layout:
    """Where the table is among the rows: `header_row` counts from 1, `totals` are first words of rows at the end.

    `names` are made up for a table without a header: its first row is somebody's.
    """

    header_row: int = 1
    header_rows: int = 1
    names: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True)
class TextLayout:
    """The same of a text file, with its delimiter and quote."""

    delimiter: str
    quote: str
    table: Layout
    confidence: float


def text_layout(text: str) -> TextLayout:
    """The layout of a text whose rows are lines; the text may be cut off at a line's end."""
    quote = max(_QUOTES, key=lambda mark: (len(re.findall(rf"(?:^|[;,\t|]){mark}", text, re.MULTILINE)), mark == '"'))
    quote = quote if quote in text else '"'
    rows = {delimiter: _parsed(text, delimiter, quote) for delimiter in _DELIMITERS}
    scores = {delimiter: _evenness(of) for delimiter, of in rows.items()}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    confidence = 0.98 if scores[best] > 0.9 else 0.6 + scores[best] / 3
    return TextLayout(best, quote, table_layout(rows[best]), round(confidence, 2))


def table_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """The layout of rows of cells, numbered as in the file (an empty row is a row)."""
    if not rows:
        return Layout()
    width = _usual_width(rows)
    comment = "#" if any(_first(row).startswith("#") for row in rows) else None
    header, height = _header(rows, width)
    names = tuple(f"column {number}" for number in range(1, width + 1)) if header == 0 else ()
    totals = [_first(row) for row in rows[max(header, len(rows) - 5) :] if _is_total(row, width)]
    first_words = dict.fromkeys(_leading_word(text) for text in totals)
    return Layout(max(header, 1), height, names, tuple(first_words), comment)


def _header(rows: Sequence[Sequence[str]], width: int) -> tuple[int, int]:
    """The first row of the header and how many it has; row 0 if the table begins with values."""
    for number, row in enumerate(rows[:_ROWS], 1):
        below = rows[number] if number < len(rows) else ()
        if _are_groups(row, below, width):
            return number, 2
        if len(_filled(row)) >= 0.8 * width and _names(row):
            return number, 1
    first = next((row for row in rows if len(_filled(row)) >= 0.8 * width), ())
    return (1, 1) if _no_values(first) else (0, 1)


def _are_groups(row: Sequence[str], below: Sequence[str], width: int) -> bool:
    """Whether `row` names groups of columns and `below` the columns in them: words both, and names only together."""
    is_header_alone = len(_filled(below)) >= 0.8 * width and _names(below)
    if is_header_alone or not 1 < len(_filled(row)) < width or not _filled(below):
        return False
    joined = joined_header([row, below])
    return _no_values(row) and _no_values(below) and len(_filled(joined)) >= width and _names(joined)


def _no_values(row: Sequence[str]) -> bool:
    return not any(_VALUE.fullmatch(cell) for cell in _filled(row))


def _parsed(text: str, delimiter: str, quote: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, quotechar=quote))
    except csv.Error:
        return []


def _evenness(rows: list[list[str]]) -> float:
    """How much the rows look like a table: the share of rows of one width, more if they are wide."""
    widths = Counter(len(row) for row in rows[:_ROWS] if row)
    width, count = max(widths.items(), key=lambda item: (item[1] * min(item[0], 4), item[0]), default=(1, 0))
    return 0.0 if width < 2 else count / sum(widths.values()) * (1 - 0.2 / width)


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Cells of a header: as many as most rows have; below a header trailing cells may be empty."""
    widths = Counter(len(row) for row in rows[:_ROWS] if len(_filled(row)) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=1)


def _names(row: Sequence[str]) -> bool:
    """Whether the cells may be names of columns: different, and no values."""
    filled = _filled(row)
    values = sum(1 for cell in filled if _VALUE.fullmatch(cell))
    return len({cell.casefold() for cell in filled}) == len(filled) and values <= len(filled) // 10


def _is_total(row: Sequence[str], width: int) -> bool:
    words = [stems(word) for word in load_synonyms().totals]
    return len(_filled(row)) < width and any(stems(_first(row))[: len(word)] == word for word in words)


def _leading_word(text: str) -> str:
    return re.split(r"[\s:]", text.strip(), maxsplit=1)[0]


def _first(row: Sequence[str]) -> str:
    return next(iter(_filled(row)), "")


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]
