"""Names the columns of a table by the cells of its header: of one row or several, also where a name is missing or
stands twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby


def joined_header(rows: Sequence[Sequence[str]], *, stretches: bool = True) -> list[str]:
    """One row of names of a header of several: `План` above `Начало` and `Конец` is `План Начало` and `План Конец`.

    `stretches`: a name stands in the first of the columns that it is meant for, as merged cells are written as text.
    """
    width = max((len(row) for row in rows), default=0)
    lines = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    if stretches:
        for number, line in enumerate(lines[:-1]):
            _stretch(line, lines[number + 1 :])
    # A cell merged over rows says one name in all of them.
    return [" ".join(name for name, _ in groupby(part for part in parts if part)) for parts in zip(*lines, strict=True)]


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """Different names: one that is missing is called `column 3`, of two that are equal each has its number in brackets.

    Numbers stand behind all of them, so that nobody takes the first for the only one.
    """
    names = [name.strip() or f"column {number}" for number, name in enumerate(header, 1)]
    twice = set(repeated(names))
    so_far: Counter[str] = Counter()
    numbered = []
    for name in names:
        so_far[name.casefold()] += 1
        numbered.append(f"{name} ({so_far[name.casefold()]})" if name in twice else name)
    return tuple(numbered)


def repeated(names: Sequence[str]) -> list[str]:
    """Names that stand more than once, whatever their case: DuckDB does not tell them apart."""
    times = Counter(name.strip().casefold() for name in names)
    return [name.strip() for name in names if name.strip() and times[name.strip().casefold()] > 1]


def _stretch(line: list[str], below: Sequence[Sequence[str]]) -> None:
    """Writes the name of a group over all of its columns. One with nothing below it is a column's own, and no group."""
    group = ""
    for number, cell in enumerate(line):
        has_below = any(row[number] for row in below)
        if cell or not has_below:
            group = cell if has_below else ""
        else:
            line[number] = group
