"""Writes the chosen rows of a file in the file's own format: encoding, delimiter, titles and sheet as they were."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from python_calamine import CalamineWorkbook

from models.file_terms import FileFormat, format_of
from orchestration.ingest.formats.archives import chunks, copy_to
from orchestration.ingest.formats.header import column_names, joined_header
from orchestration.ingest.formats.sheets import sheet_rows
from orchestration.ingest.formats.text_table import is_left_out
from orchestration.ingest.landing import LandedFile
from orchestration.sampling.disguise import Disguise
from orchestration.sampling.roles import ColumnRole, FileRoles, Role


class CannotSampleError(ValueError):
    """A file cannot be written again in its own format."""


def sampled_bytes(
    landed: LandedFile, uses: list[FileRoles], rows: set[int], disguise: Disguise, scratch: Path
) -> bytes:
    """The file with the header and `rows` alone, disguised. `uses`: one for each sheet of a workbook, else one.

    Raises:
        CannotSampleError: nothing here writes its format.
    """
    name = landed.member or landed.path.name
    roles = uses[0]
    file_format = roles.terms.format or format_of(name)
    match file_format:
        case FileFormat.CSV | FileFormat.TSV:
            data = _text_table(landed, roles, rows, disguise, "\t" if file_format is FileFormat.TSV else None)
        case FileFormat.WORKBOOK:
            data = _workbook(landed, uses, rows, disguise, scratch)
        case FileFormat.PARQUET:
            data = _parquet(landed, roles, rows, disguise, scratch)
        case _:
            data = _documents(landed, roles, rows, disguise, file_format)
    return gzip.compress(data, mtime=0) if name.lower().endswith(".gz") else data


def _text_table(
    landed: LandedFile, roles: FileRoles, rows: set[int], disguise: Disguise, delimiter: str | None
) -> bytes:
    text = roles.terms.text
    content = b"".join(chunks(landed)).decode(text.encoding)
    newline = "\r\n" if "\r\n" in content else "\n"
    written = io.StringIO()
    mark = delimiter or text.delimiter
    table = csv.reader(io.StringIO(content.lstrip("\ufeff"), newline=""), delimiter=mark, quotechar=text.quote)
    writer = csv.writer(written, delimiter=mark, quotechar=text.quote, lineterminator=newline)
    writer.writerows(_kept(list(table), roles, rows, disguise))
    return written.getvalue().encode(text.encoding)


def _kept(table: Sequence[Sequence[Any]], roles: FileRoles, rows: set[int], disguise: Disguise) -> list[list[Any]]:
    """The rows of a table that stay, disguised; titles and totals stay where they are, without their words."""
    text = roles.terms.text
    of_header = range(text.header_row, text.last_header_row + 1)
    rows_of_header = [[str(cell) for cell in table[row - 1]] for row in of_header if row <= len(table)]
    header = list(column_names(text.names or joined_header(rows_of_header)))
    kept: list[list[Any]] = []
    for number, cells in enumerate(table, 1):
        if number in of_header:
            kept.append(list(cells))
        elif number < text.last_header_row:
            kept.append([_made_up(cell, disguise) for cell in cells])
        elif number in rows:
            kept.append([_disguised(cell, roles, header, at, disguise) for at, cell in enumerate(cells)])
        elif any(str(cell).strip() for cell in cells) and is_left_out([str(cell) for cell in cells], text):
            kept.append([_word_of(cell, text.totals) for cell in cells])
    return kept


def _disguised(cell: Any, roles: FileRoles, header: list[str], at: int, disguise: Disguise) -> Any:
    """A cell by the role of its column; cells beyond the header are nobody's."""
    return _by_role(cell, roles.of(header[at] if at < len(header) else ""), disguise)


def _by_role(cell: Any, role: ColumnRole, disguise: Disguise) -> Any:
    """What stands for a value of any type."""
    if isinstance(cell, str):
        return role.disguised(cell, disguise)
    if role.role is Role.EMPTIED:
        return None
    is_known = isinstance(cell, bool) or (isinstance(cell, int | float) and f"{cell:.15g}" in role.known)
    return cell if is_known or role.role in (Role.VALUE, Role.NAME) else _made_up(cell, disguise)


def _made_up(cell: Any, disguise: Disguise) -> Any:
    """A value of the same type. A made-up date keeps its year, which is what is kept of a birth date anyway."""
    match cell:
        case bool() | None:
            return cell
        case str():
            return disguise.text(cell)
        case datetime() | date():
            return cell.replace(month=1 + int(disguise.text("000")) % 12, day=1)
        case int() | float() | Decimal():
            return type(cell)(int(disguise.text(str(int(cell)))))
    return None


def _word_of(cell: Any, words: list[str]) -> str:
    """The word that marks a total, without whose total it is."""
    told = str(cell).strip()
    return next((told[: len(word)] for word in words if told.casefold().startswith(word.casefold())), "")


def _workbook(landed: LandedFile, uses: list[FileRoles], rows: set[int], disguise: Disguise, scratch: Path) -> bytes:
    name = landed.member or landed.path.name.removesuffix(".gz")
    if not name.lower().endswith((".xlsx", ".xlsm")):
        raise CannotSampleError(f"{landed.name} cannot be written again: save it as .xlsx and take the sample of that")
    copy_to(landed, path := scratch / "workbook.xlsx")
    source = CalamineWorkbook.from_path(str(path))
    by_sheet: dict[str, FileRoles] = {}
    for roles in uses:
        sheet_name = roles.terms.sheet or source.sheet_names[0]
        by_sheet[sheet_name] = by_sheet[sheet_name].merged(roles) if sheet_name in by_sheet else roles
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        # The clock of the machine would make every sample another file.
        workbook.set_properties({"created": datetime(2000, 1, 1)})
        formats: dict[Any, Any] = {
            kind: workbook.add_format({"num_format": form})
            for kind, form in ((datetime, "dd.mm.yyyy hh:mm:ss"), (date, "dd.mm.yyyy"), (time, "hh:mm:ss"))
        }
        # Each sheet stands where it stood: others, whose names nobody needs, may come before it.
        for at, sheet_name in enumerate(source.sheet_names):
            sheet = workbook.add_worksheet(sheet_name if sheet_name in by_sheet else f"Sheet {at}")
            if sheet_name not in by_sheet:
                continue
            roles = by_sheet[sheet_name]
            # Merged cells are written out: what a row means stays in it.
            table = list(sheet_rows(source.get_sheet_by_name(sheet_name), roles.terms.text.last_header_row))
            for number, cells in enumerate(_kept(table, roles, rows, disguise)):
                for column, cell in enumerate(cells):
                    _write_cell(sheet, number, column, cell, formats)
    return written.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: Any, formats: dict[Any, Any]) -> None:
    if isinstance(cell, datetime | date | time):
        sheet.write_datetime(row, column, cell, formats[type(cell)])
    elif isinstance(cell, timedelta):
        sheet.write_datetime(row, column, cell, formats[time])
    elif isinstance(cell, str):
        # An id of digits stays text, and text that begins with "=" is no formula.
        if cell:
            sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write(row, column, cell)


def _parquet(landed: LandedFile, roles: FileRoles, rows: set[int], disguise: Disguise, scratch: Path) -> bytes:
    copy_to(landed, path := scratch / "table.parquet")
    table = pq.read_table(path)
    table = table.take([row - 1 for row in sorted(rows) if row <= table.num_rows])
    columns = []
    for at, column in enumerate(table.schema):
        values = [_disguised(v, roles, table.column_names, at, disguise) for v in table.column(at).to_pylist()]
        empty = roles.of(column.name).role is Role.EMPTIED
        columns.append(pa.array([None] * len(values) if empty else values, column.type))
    written = io.BytesIO()
    pq.write_table(pa.table(columns, names=table.column_names), written)
    return written.getvalue()


def _documents(
    landed: LandedFile, roles: FileRoles, rows: set[int], disguise: Disguise, file_format: FileFormat
) -> bytes:
    encoding = roles.terms.text.encoding
    content = b"".join(chunks(landed)).decode(encoding).lstrip("\ufeff")
    if file_format is FileFormat.NDJSON:
        lines = [line for number, line in enumerate(content.splitlines(), 1) if number in rows]
        return "".join(f"{_line(line, roles, disguise)}\n" for line in lines).encode(encoding)
    raise CannotSampleError(f"{landed.name} is one document: export it as NDJSON to take a sample")


def _line(line: str, roles: FileRoles, disguise: Disguise) -> str:
    try:
        document = json.loads(line)
    except ValueError:
        return "{"
    return json.dumps(_leaves(document, "$", roles, disguise), ensure_ascii=False)


def _leaves(value: Any, at: str, roles: FileRoles, disguise: Disguise) -> Any:
    """Every leaf of a document disguised by the role of the path that finds it."""
    if isinstance(value, dict):
        return {name: _leaves(child, f"{at}.{name}", roles, disguise) for name, child in value.items()}
    if isinstance(value, list):
        return [_leaves(child, f"{at}[*]", roles, disguise) for child in value]
    found = [role for path, role in roles.columns.items() if _finds(path, at)]
    literals = {word for path in roles.columns for word in path.split("'")[1::2]}
    if isinstance(value, str) and value in literals:
        return value
    role = min(found, key=lambda role: role.role) if found else roles.of("")
    return _by_role(value, role, disguise)


def _finds(path: str, place: str) -> bool:
    """Whether a profile's path may find the leaf at `place`; which element of an array is left open."""
    plain = re.sub(r"\[(\d+|\*|\?[^\]]*)\]", "[*]", path)
    return re.sub(r"\['([^']*)'\]", r".\1", plain) == place
