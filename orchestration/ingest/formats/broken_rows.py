"""Sets aside the lines of a CSV file that are no records, and says of each what is wrong with it.

Only for files in which DuckDB has met such a line: it would describe each missing cell on its own, cut long lines
inside a letter, and not tell a quote that swallows the lines below from one that is wrong on its own line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.file_terms import TextFormat
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused, FileProblem

# The module's own limit, 128 KB, is less than a long comment; it is one for all readers of the process.
csv.field_size_limit(64 << 20)
_UNREADABLE = "a quote stands in the middle of a value, or the value is never ended"


@dataclass(frozen=True)
class Sifted:
    """What is no record, by row (the header is row 1), and the size of the longest that is one."""

    broken: dict[int, str]
    longest_row: int


def set_broken_rows_aside(landed: LandedFile, text: TextFormat, columns: int, path: Path) -> Sifted:
    """Rewrites the file at `path`, whose header has `columns` names, without its broken rows.

    A header that the profile has put above a file without one is no row of it.

    Raises:
        ExportRefused: a broken row goes over several lines, so that nobody knows which of them are rows.
    """
    broken: dict[int, str] = {}
    longest = 0
    sifted = path.with_name(f"{path.name}_sifted")
    with path.open(encoding="utf-8-sig", newline="\n") as lines, sifted.open("w", encoding="utf-8", newline="") as out:
        for number, (written, cells) in enumerate(records(lines, text), 0 if text.names else 1):
            reason = _UNREADABLE if cells is None else _wrong_length(cells, columns)
            if reason is None:
                out.write(written)
                longest = max(longest, len(written.encode()))
            elif "\n" in written.rstrip("\n"):
                raise ExportRefused([_swallows_rows(landed, number)])
            else:
                broken[number] = reason
    sifted.replace(path)
    return Sifted(broken, longest)


def records(lines: Iterable[str], text: TextFormat) -> Iterator[tuple[str, list[str] | None]]:
    """Rows as written, and their cells; None of a row that cannot be taken apart."""
    taken: list[str] = []
    # Spaces around a quoted value are none of its own.
    behind_quote = re.compile(f"{re.escape(text.quote)} +(?=[{re.escape(text.delimiter)}\n])")

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield behind_quote.sub(text.quote, line)

    reader = csv.reader(take(), delimiter=text.delimiter, quotechar=text.quote, skipinitialspace=True, strict=True)
    while True:
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield "".join(taken), None
        else:
            yield "".join(taken), cells


def _wrong_length(cells: list[str], columns: int) -> str | None:
    if len(cells) < columns:
        return f"the row has {len(cells):,} cells and the header {columns:,}: some are missing"
    # A delimiter at the end of a row makes a cell that holds nothing.
    if any(cells[columns:]):
        return f"the row has {len(cells):,} cells and the header {columns:,}: one may hold a delimiter without quotes"
    return None


def _swallows_rows(landed: LandedFile, row: int) -> FileProblem:
    reason = "a quote is opened and not closed where the value ends, so that the rows behind it cannot be told apart"
    return landed.problem(reason, "Close the quote, or double it if it is part of the text", row)
