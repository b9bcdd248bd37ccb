"""Refuses a workbook that would not fit into memory, before it is opened: a library that runs out of it ends the process.

A sheet is opened as the whole rectangle up to its last cell, so that one cell in the far corner makes it a gigabyte.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from orchestration.ingest.formats.archives import CHUNK, DAMAGE, refuse_bomb
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused

# A cell takes some 35 bytes.
_MOST_CELLS = 30_000_000
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb'row r="(\d+)"')
# Cells that are filled and stand beyond the column Z, or deeper than any sheet goes.
_FAR_CELL = re.compile(rb'r="([A-Za-z]{2,}(?=\d)|[A-Za-z](?=\d{8}))(\d+)"[^>]*[^/]>')
_LONGEST_MATCH = 200


def refuse_huge_workbook(landed: LandedFile, path: Path) -> None:
    """Looks at the workbook at `path`, which is `landed` out of its archive. One that is damaged passes.

    Raises:
        ExportRefused: it unpacks beyond all measure, or a sheet spans too many cells.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                refuse_bomb(landed, member.compress_size, member.file_size)
                if _SHEETS.fullmatch(member.filename):
                    with archive.open(member) as sheet:
                        _refuse_wide_span(landed, sheet)
    except DAMAGE:
        return


def _refuse_wide_span(landed: LandedFile, sheet: IO[bytes]) -> None:
    rows, columns = 1, 26
    rest = b""
    while chunk := sheet.read(CHUNK):
        text = rest + chunk
        rows = max(rows, *(int(row) for row in _ROW.findall(text)), 0)
        for letters, row in _FAR_CELL.findall(text):
            rows, columns = max(rows, int(row)), max(columns, _column_number(letters))
        if rows * columns > _MOST_CELLS:
            reason = f"a sheet spans {rows:,} rows and {columns:,} columns, more than can be read of a workbook"
            raise ExportRefused([landed.problem(reason, "Delete what stands far off the table, or export it as CSV")])
        rest = text[-_LONGEST_MATCH:]


def _column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
