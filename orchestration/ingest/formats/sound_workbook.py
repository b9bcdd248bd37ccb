"""Looks at a workbook before it is opened: whether it would fit into memory, and whether its checksums are right.

The library that opens it takes the whole rectangle up to a sheet's last cell, so that one cell in the far corner makes
gigabytes; it ends the process when it runs out of memory; and it reads on where bytes have been spoilt.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from orchestration.ingest.formats.archives import CHUNK, DAMAGE, damage_in_words, is_wrong_checksum, refuse_bomb
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused

# A cell takes some 35 bytes.
_MOST_CELLS = 30_000_000
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb'row r="(\d+)"')
# Cells that are filled and stand beyond the column Z, or deeper than any sheet goes.
_FAR_CELL = re.compile(rb'r="([A-Za-z]{2,}(?=\d)|[A-Za-z](?=\d{8}))(\d+)"[^>]*[^/]>')
_LONGEST_MATCH = 200


def refuse_unsound_workbook(landed: LandedFile, path: Path) -> None:
    """Looks at the workbook at `path`, which is `landed` out of its archive. What is no zip is of an old format.

    Raises:
        ExportRefused: it unpacks beyond all measure, a sheet spans too many cells, or a checksum is wrong.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                refuse_bomb(landed, member.compress_size, member.file_size)
                with archive.open(member) as content:
                    if _SHEETS.fullmatch(member.filename):
                        _refuse_wide_span(landed, content)
                    while content.read(CHUNK):
                        pass
    except DAMAGE as error:
        # Of what else Python finds wrong the library may know better.
        if is_wrong_checksum(error):
            reason = f"the workbook cannot be opened: {damage_in_words(error)}"
            raise ExportRefused([landed.problem(reason, "Copy or export it again")]) from None


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
