"""Takes out of a decoded text file what is no row of its table: titles, comments, totals, rows that hold nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path

from models.file_terms import TextFormat
from orchestration.ingest.formats.broken_rows import records
from orchestration.ingest.formats.header import column_names, joined_header, repeated
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.wording import listed


def keep_table(path: Path, text: TextFormat) -> tuple[int, ...]:
    """Rewrites the file at `path` as its header in one row, and rows; returns those taken out, numbered as they stood.

    Rows are numbered as a spreadsheet shows them: the first is 1, and a row of several lines is one.
    """
    if not _may_have_other_rows(path, text):
        return ()
    left_out: list[int] = []
    kept = path.with_name(f"{path.name}_kept")
    with path.open(encoding="utf-8-sig", newline="\n") as file, kept.open("w", encoding="utf-8", newline="") as out:
        # Of a title each line is a row: nobody knows what its quotes mean.
        left_out += [number for number, _ in enumerate(islice(file, text.header_row - 1), 1)]
        rows = enumerate(records(file, text), text.header_row)
        if text.names:
            out.write(as_line(text.names, text))
        elif text.header_rows > 1:
            header = list(islice(rows, text.header_rows))
            left_out += [number for number, _ in header[:-1]]
            out.write(as_line(joined_header([cells or [] for _, (_, cells) in header]), text))
        for number, (written, _) in rows:
            if number > text.last_header_row and _is_no_row(written.removesuffix("\n"), text):
                left_out.append(number)
            else:
                out.write(written)
    kept.replace(path)
    return tuple(left_out)


def as_line(cells: Iterable[str], text: TextFormat) -> str:
    """A row as `text` writes it."""
    line = io.StringIO()
    csv.writer(line, delimiter=text.delimiter, quotechar=text.quote, lineterminator="\n").writerow(cells)
    return line.getvalue()


def is_left_out(cells: Iterable[str], text: TextFormat) -> bool:
    """Whether a row below the header is none: it is empty, a comment or a total."""
    first = next((cell for cell in cells if cell.strip()), None)
    if first is None or (text.comment and first.startswith(text.comment)):
        return True
    return any(first.strip().casefold().startswith(word.casefold()) for word in text.totals)


def read_header(landed: LandedFile, text: TextFormat, path: Path, wanted: Collection[str]) -> tuple[str, ...]:
    """Names of the columns, see `column_names`. `wanted` are those that the profile reads.

    Raises:
        ExportRefused: there is no usable header.
    """
    row = text.last_header_row or 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        written, first = next(records(file, text), ("", None))
    if first is None and written:
        reason = "the header cannot be read: a quote stands in the middle of a name, or is never closed"
        raise ExportRefused([landed.problem(reason, "Close the quote, or double it if it is part of the name", row)])
    if first is None:
        reason = "the file is empty: it has not even a header"
        raise ExportRefused([landed.problem(reason, "Export it again", row)])
    if not any(name.strip() for name in first):
        reason = "the first row is empty" if row == 1 else "the row that should be the header is empty"
        remedy = "The header must be the first row, or text.header_row must say which one it is"
        raise ExportRefused([landed.problem(reason, remedy, row)])
    if problem := _no_header(landed, text, first, wanted):
        raise ExportRefused([problem])
    names = column_names(first)
    # Which of two columns is meant nobody knows; what is not read may stand as often as it likes.
    twice = [name for name in repeated(first) if name.casefold() in {wish.casefold() for wish in wanted}]
    if twice or repeated(names):
        reason = f"the header names a column twice: {listed(twice or repeated(names))}"
        remedy = "Give each column a name of its own in the export, or add its number in the profile: 'name (2)'"
        raise ExportRefused([landed.problem(reason, remedy, row)])
    return names


def _no_header(landed: LandedFile, text: TextFormat, first: list[str], wanted: Collection[str]) -> FileProblem | None:
    """A row with few of the wanted names may be a patient's, whose cells no message is to show.

    A wrong delimiter leaves the names in one piece.
    """
    whole = " ".join([*first, *column_names(first)])
    found = sum(name in whole for name in wanted)
    if 3 * found >= len(wanted):
        return None
    row = text.last_header_row
    which = "the first row" if row == 1 else f"row {row}"
    reason = f"{which} is no header: it holds {found or 'none'} of the {len(wanted)} names that the profile reads"
    remedy = "Export the file with its header, or set text.delimiter or text.header_row if it is written otherwise"
    return landed.problem(reason, remedy, row)


def _may_have_other_rows(path: Path, text: TextFormat) -> bool:
    if text.last_header_row != 1 or text.comment or text.totals:
        return True
    # Nearly every file has none, and telling so is cheap.
    suspicious = "|".join(re.escape(beginning) for beginning in ("\n", text.delimiter, " "))
    return re.search(f"\n(?:{suspicious})".encode(), path.read_bytes()) is not None


def _is_no_row(row: str, text: TextFormat) -> bool:
    if not row.strip(f"{text.delimiter} "):
        return True
    if not text.comment and not text.totals:
        return False
    if text.comment and row.startswith(text.comment):
        return True
    # Only the first filled cell matters; a quote in it would only hide the word behind it.
    cells = (cell.strip(f" {text.quote}") for cell in row.split(text.delimiter))
    return is_left_out(cells, text)
