"""Finds the files of an export that a profile is to be drafted from, and tells how each is written."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from models.file_terms import FileFormat, TableTerms, TextFormat, format_of
from models.sources import Profile
from orchestration.ingest.formats.archives import chunks, copy_to
from orchestration.ingest.landing import ARCHIVE_SEPARATOR, LandedFile, landed_days
from orchestration.profiling import documents
from orchestration.profiling.encodings import EncodingGuess, guess_encoding
from orchestration.profiling.layout import Layout, TextLayout, table_layout, text_layout
from orchestration.profiling.shapes import MONTH_NAMES

# Names that are tables without doubt; of others (readme.txt, truth.json beside the days) a person decides.
_TEXTS = (".csv", ".tsv", ".tab", ".txt", ".json", ".ndjson", ".jsonl")
_SUFFIXES = (*_TEXTS, ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet")
# More days than these tell nothing new.
MOST_DAYS = 62
_ENOUGH_BYTES = 1 << 20
_ROWS_LOOKED_AT = 2_000
_MONTH = rf"(?<![^\W\d_])(?:{MONTH_NAMES})(?![^\W\d_])"
# A date in any form, or a number: months and digits with what stands between them.
_CHANGING = re.compile(rf"(?:{_MONTH}|\d)(?:[\d_. -]*(?:{_MONTH}|\d))*", re.IGNORECASE)
_DATED = re.compile(
    rf"{_MONTH}|(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)(?:\d{{8}}|\d\d[._-]\d\d[._-]\d{{2,4}})(?!\d)", re.IGNORECASE
)


@dataclass(frozen=True)
class FoundFile:
    """One file, how it is written, and what that rests on. `columns` are the paths of documents."""

    landed: LandedFile
    terms: TableTerms
    columns: tuple[str, ...] = ()
    encoding: EncodingGuess | None = None
    layout: TextLayout | None = None

    @property
    def name(self) -> str:
        """As the profile says it."""
        inside = f"{ARCHIVE_SEPARATOR}{self.landed.member}" if self.landed.member else ""
        return f"{self.landed.path.relative_to(self.landed.folder)}{inside}"


def export_days(folder: Path) -> dict[date, Path]:
    """The newest days of a folder with a folder a day, oldest first; a folder of files is one day."""
    days = landed_days(folder.parent, folder.name)[-MOST_DAYS:]
    return {day: folder / str(day) for day in days} or {_day_of(folder): folder}


def find_files(days: dict[date, Path]) -> Iterator[LandedFile]:
    """Every file of these days that may be a table, also inside zip archives and in clinics' own folders."""
    probe = _probe()
    for day, of_day in days.items():
        for folder in [of_day, *sorted(path for path in of_day.iterdir() if path.is_dir())]:
            for path in sorted(path for path in folder.iterdir() if path.is_file()):
                landed = LandedFile(probe.source, day, "", folder, path, None, probe)
                if path.suffix.lower() == ".zip":
                    members = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else []
                    yield from (
                        landed.beside(f"{path.name}{ARCHIVE_SEPARATOR}{name}") for name in members if _is_table(name)
                    )
                elif _is_table(path.name):
                    yield landed


def look_at(landed: LandedFile, scratch: Path) -> list[FoundFile]:
    """How `landed` is written: one of each sheet of a workbook.

    Raises:
        ExportRefused: the file or its archive is damaged.
        ValueError: it is not what its name says.
    """
    file_format = format_of(landed.member or landed.path.name)
    if file_format is FileFormat.PARQUET:
        return [FoundFile(landed, TableTerms())]
    if file_format is FileFormat.WORKBOOK:
        return _look_at_workbook(landed, scratch)
    data = b"".join(islice(chunks(landed), 1))
    is_cut = len(data) >= _ENOUGH_BYTES
    encoding = guess_encoding(data, is_cut=is_cut)
    text = data.decode(encoding.encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
    if file_format.has_paths:
        return [_look_at_documents(landed, file_format, encoding, b"".join(chunks(landed)))]
    if is_cut:
        text = text[: text.rfind("\n") + 1]
    layout = text_layout(text)
    return [FoundFile(landed, TableTerms(text=_text_terms(encoding, layout)), (), encoding, layout)]


def _text_terms(encoding: EncodingGuess, layout: TextLayout) -> TextFormat:
    table = layout.table
    return TextFormat(
        encoding=encoding.encoding,
        delimiter=layout.delimiter,
        quote=layout.quote,
        **_table_terms(table),
    )


def _table_terms(table: Layout) -> dict[str, Any]:
    """Where the table lies, as a profile says it."""
    return {
        "header_row": table.header_row,
        "header_rows": table.header_rows,
        "names": list(table.names),
        "totals": list(table.totals),
        "comment": table.comment,
    }


def _look_at_workbook(landed: LandedFile, scratch: Path) -> list[FoundFile]:
    """Its sheets that hold rows. One alone goes by its place if it is the first: its name may hold the month."""
    sheets = _sheets(landed, scratch)
    filled = {name: rows for name, rows in sheets.items() if sum(any(map(_is_filled, row)) for row in rows) > 1}
    found = []
    for name, rows in filled.items():
        text = TextFormat(**_table_terms(table_layout([[str(cell) for cell in row] for row in rows])))
        is_the_one = len(filled) == 1 and name == next(iter(sheets))
        found.append(FoundFile(landed, TableTerms(sheet=None if is_the_one else name, text=text)))
    return found


def _is_filled(cell: Any) -> bool:
    return bool(str(cell).strip())


def _sheets(landed: LandedFile, scratch: Path) -> dict[str, list[list[Any]]]:
    path = landed.path
    if landed.member or path.suffix.lower() == ".gz":
        copy_to(landed, path := scratch / f"workbook{Path(landed.member or path.stem).suffix}")
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)[:_ROWS_LOOKED_AT]
            for name in workbook.sheet_names
        }
    except CalamineError as error:
        raise ValueError(f"the workbook cannot be opened ({error})") from None


def _look_at_documents(landed: LandedFile, file_format: FileFormat, encoding: EncodingGuess, data: bytes) -> FoundFile:
    text = data.decode("utf-8-sig" if encoding.encoding.startswith("utf-8") else encoding.encoding)
    terms = TableTerms(text=TextFormat(encoding=encoding.encoding))
    if file_format is FileFormat.NDJSON:
        return FoundFile(landed, terms, documents.value_paths(documents.lines(text)), encoding)
    rows = documents.rows_path(json.loads(text))
    found = documents.value_paths(documents.documents(text, rows))
    return FoundFile(landed, terms.model_copy(update={"rows": rows}), found, encoding)


def general_name(name: str) -> str:
    """`visits_2026-01-05.csv`, `visits March 2026.csv` → `visits_*.csv`, `visits *.csv`: without what changes."""
    stem, dot, suffix = name.rpartition(".")
    return _CHANGING.sub("*", stem) + dot + suffix


def is_dated(name: str) -> bool:
    """Whether a name holds a day, a month in words or a year: the next file will have another."""
    return _DATED.search(name.rpartition(".")[0]) is not None


def _is_table(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(_SUFFIXES) and not Path(name).name.startswith((".", "~"))


def _day_of(folder: Path) -> date:
    try:
        return date.fromisoformat(folder.name)
    except ValueError:
        return date.today()


def _probe() -> Profile:
    """A profile that says nothing yet."""
    return Profile.model_validate(
        {"source": "draft", "title": "draft", "delivery": "occasional", "time_zone": "UTC", "entities": {}}
    )
