"""Turns a spreadsheet into the CSV that the same MIS would have written, so that one reader serves both."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from models.source_terms import EntityMapping
from models.sources import Profile
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused


def sheet_as_csv(landed: LandedFile, profile: Profile, mapping: EntityMapping, csv_path: Path) -> None:
    """Writes the sheet as UTF-8 CSV: numbers and dates as the profile says text files write them, text as it is.

    Raises:
        ExportRefused: the workbook is broken or has no such sheet.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(landed.path))
        sheet = workbook.get_sheet_by_name(mapping.sheet) if mapping.sheet else workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError) as error:
        reason = f"the workbook cannot be opened ({str(error) or type(error).__name__})"
        raise ExportRefused(
            [landed.problem(reason, "Save it again in a spreadsheet program, or export it again")]
        ) from None
    with csv_path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=profile.text.delimiter, quotechar=profile.text.quote, lineterminator="\n")
        writer.writerows([_as_text(cell, profile) for cell in row] for row in rows)


def _as_text(cell: Any, profile: Profile) -> str:
    if isinstance(cell, bool):
        return profile.booleans["true" if cell else "false"][0]
    if isinstance(cell, float):
        # A spreadsheet shows 15 digits; the rest is binary noise (0.1 + 0.2 → 0.30000000000000004).
        return f"{Decimal(f'{cell:.15g}'):f}".replace(".", profile.text.decimal_mark)
    if isinstance(cell, datetime):
        return cell.strftime(_format(profile.formats.timestamp, cell.second))
    if isinstance(cell, date):
        return cell.strftime(profile.formats.date[0])
    if isinstance(cell, time):
        return cell.strftime(_format(profile.formats.time, cell.second))
    if isinstance(cell, timedelta) and timedelta(0) <= cell < timedelta(days=1):
        return _as_text((datetime.min + cell).time(), profile)
    return str(cell).strip()


def _format(formats: list[str], second: int) -> str:
    """The first one, unless it would cut the seconds off."""
    return next((form for form in formats if "%S" in form), formats[0]) if second else formats[0]
