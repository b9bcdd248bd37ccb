"""Turns a spreadsheet into the CSV that the same MIS would have written, so that one reader serves both."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

from models.file_terms import TableTerms
from orchestration.ingest.formats.archives import copy_to
from orchestration.ingest.formats.header import joined_header
from orchestration.ingest.formats.sound_workbook import refuse_unsound_workbook
from orchestration.ingest.formats.text_table import is_left_out
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.wording import listed

Row = list[Any]


def sheet_as_csv(landed: LandedFile, terms: TableTerms, booleans: dict[str, list[str]], path: Path) -> tuple[int, ...]:
    """Writes the sheet as UTF-8 CSV: numbers and dates as the profile says text files write them, text as it is.

    Returns the rows left out, as `text_table.keep_table` does.

    Raises:
        ExportRefused: the workbook is broken or has no such sheet.
    """
    left_out: list[int] = []
    text = terms.text
    in_words = _cell_writer(terms, booleans)
    header: list[list[str]] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=text.delimiter, quotechar=text.quote, lineterminator="\n")
        if text.names:
            writer.writerow(text.names)
        sheet = _sheet(landed, terms.sheet, _unpacked(landed, path))
        for number, row in enumerate(sheet_rows(sheet, text.last_header_row), 1):
            cells = [in_words(cell) for cell in row]
            if text.header_row <= number <= text.last_header_row:
                header.append(cells)
            if number == text.last_header_row:
                # Old formats do not tell which cells are merged.
                cells = joined_header(header, stretches=not sheet.merged_cell_ranges)
            elif number < text.last_header_row or is_left_out(cells, text):
                left_out.append(number)
                continue
            writer.writerow(cells)
    return tuple(left_out)


def sheet_rows(sheet: CalamineSheet, last_header_row: int) -> Iterator[Row]:
    """Rows of the sheet. A merged cell stands in the first of its rows and columns; it means all of its rows, and in
    the header all of its columns: below, a number would count more than once."""
    merged = sheet.merged_cell_ranges or []
    # Column → what its merged cell says, and the last row that it says it of.
    going_on: dict[int, tuple[Any, int]] = {}
    begins = {first: last[0] for first, last in merged if last[0] > first[0]}
    wide = {first: last[1] for first, last in merged if last[1] > first[1] and first[0] < last_header_row}
    first_column = (sheet.start or (0, 0))[1]
    for number, filled in enumerate(sheet.iter_rows()):
        row = [*[""] * first_column, *filled]
        if begins:
            for column, (cell, last_row) in going_on.items():
                if number <= last_row:
                    row[column] = cell
            going_on |= {
                column: (cell, begins[number, column]) for column, cell in enumerate(row) if (number, column) in begins
            }
        for (row_number, column), last_column in wide.items():
            # One that begins beside the table is no cell of it, one that goes on beside it ends with it.
            if row_number == number and column < len(row):
                for covered in range(column + 1, min(last_column + 1, len(row))):
                    row[covered] = row[column]
        yield row


def _sheet(landed: LandedFile, name: str | None, path: Path) -> CalamineSheet:
    refuse_unsound_workbook(landed, path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        return workbook.get_sheet_by_name(name) if name else workbook.get_sheet_by_index(0)
    except PasswordError:
        reason = "it asks for a password"
    except WorksheetNotFound:
        if not name:
            reason = "it has no sheet"
        else:
            remedy = f"Name one of its sheets in the profile: {listed(workbook.sheet_names)}"
            raise ExportRefused([landed.problem(f"the workbook has no sheet '{name}'", remedy)]) from None
    except (CalamineError, IndexError):
        reason = "it is damaged, or no workbook"
        with path.open("rb") as file:
            if file.read(512).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
                reason = "it is a page of HTML or XML under the name of a workbook"
    except BaseException as error:
        # The library's own faults are no exceptions that could be named.
        if type(error).__name__ != "PanicException":
            raise
        reason = "it is damaged in a way that the reader of workbooks does not know"
    remedy = "Save it again in a spreadsheet program, or export it again"
    raise ExportRefused([landed.problem(f"the workbook cannot be opened: {reason}", remedy)])


def _unpacked(landed: LandedFile, path: Path) -> Path:
    if landed.member is None and landed.path.suffix.lower() != ".gz":
        return landed.path
    copy_to(landed, unpacked := path.with_suffix(Path(landed.member or landed.path.stem).suffix))
    return unpacked


def _cell_writer(terms: TableTerms, booleans: dict[str, list[str]]) -> Callable[[Any], str]:
    """How a cell is written: a table of types, because a workbook of a hundred thousand rows has millions of cells."""
    formats, mark = terms.formats, terms.text.decimal_mark

    def of_number(cell: float) -> str:
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        # A spreadsheet shows 15 digits; the rest is binary noise (0.1 + 0.2 → 0.30000000000000004).
        return f"{Decimal(f'{cell:.15g}'):f}".replace(".", mark)

    def of_time(cell: time) -> str:
        return cell.strftime(_pattern(formats.time, "%H:%M:%S", cell.second))

    def of_duration(cell: timedelta) -> str:
        within_a_day = timedelta(0) <= cell < timedelta(days=1)
        return of_time((datetime.min + cell).time()) if within_a_day else str(cell)

    def of_moment(cell: datetime) -> str:
        return cell.strftime(_pattern(formats.timestamp, "%Y-%m-%d %H:%M:%S", cell.second))

    writers: dict[type, Callable[[Any], str]] = {
        # One newline for all, as in text files: DuckDB refuses a file that mixes them.
        str: lambda cell: cell.strip() if "\r" not in cell else "\n".join(cell.strip().splitlines()),
        float: of_number,
        int: str,
        bool: lambda cell: booleans["true" if cell else "false"][0],
        datetime: of_moment,
        date: lambda cell: cell.strftime(_pattern(formats.date, "%Y-%m-%d", 0)),
        time: of_time,
        timedelta: of_duration,
    }
    return lambda cell: writers[type(cell)](cell)


def _pattern(formats: list[str], standard: str, second: int) -> str:
    """The profile's first pattern that does not cut seconds off."""
    patterns = [form for form in formats if "%" in form] or [standard]
    return next((form for form in patterns if "%S" in form), patterns[0]) if second else patterns[0]
