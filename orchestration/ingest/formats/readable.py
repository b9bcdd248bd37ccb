"""Makes a landed file readable by DuckDB: out of its archive, decoded, as a plain table or plain documents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from models.file_terms import FileFormat, TableTerms, format_of
from orchestration.ingest.formats.archives import copy_to
from orchestration.ingest.formats.parquet import parquet_columns
from orchestration.ingest.formats.sheets import sheet_as_csv
from orchestration.ingest.formats.text import decode
from orchestration.ingest.formats.text_table import keep_table, read_header
from orchestration.ingest.landing import FileVersion, LandedFile
from orchestration.ingest.refusal import ExportRefused


@dataclass(frozen=True)
class ReadableFile:
    """A file that DuckDB can read: `format` is CSV (UTF-8, as `terms.text` says), Parquet, or UTF-8 JSON.

    `columns` are names and SQL types in order; documents have none. `left_out` are the rows of the landed file that
    the readable one lacks because they are no rows: titles, comments, totals, and rows that hold nothing.
    """

    landed: LandedFile
    terms: TableTerms
    format: FileFormat
    path: Path
    version: FileVersion
    columns: dict[str, str]
    left_out: tuple[int, ...] = ()
    has_typed_cells: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(self.columns)


def make_readable(landed: LandedFile, terms: TableTerms, wanted: Collection[str], path: Path) -> ReadableFile:
    """Writes `landed` as a readable file to `path`, which has no suffix. `wanted` are the columns that will be read.

    Raises:
        ExportRefused: the file is damaged, is in another encoding than the profile says, has no usable header, or is
            still being written.
    """
    version = _version(landed)
    file_format = terms.format or format_of(landed.member or landed.path.name)
    if file_format is FileFormat.TSV:
        terms = terms.model_copy(update={"text": terms.text.model_copy(update={"delimiter": "\t"})})
    columns: dict[str, str] = {}
    left_out: tuple[int, ...] = ()
    if file_format.is_table:
        if file_format is FileFormat.WORKBOOK:
            left_out = sheet_as_csv(landed, terms, landed.profile.booleans, path)
        else:
            decode(landed, terms.text, path)
            left_out = keep_table(path, terms.text)
        columns = dict.fromkeys(read_header(landed, terms.text, path, wanted), "VARCHAR")
        readable_as = FileFormat.CSV
    elif file_format is FileFormat.PARQUET:
        copy_to(landed, path)
        columns, readable_as = parquet_columns(landed, path), file_format
    else:
        decode(landed, terms.text, path, has_rows=file_format is FileFormat.NDJSON)
        readable_as = file_format
    if not version.is_still(landed.path):
        reason = "the file changed while it was read"
        raise ExportRefused([landed.problem(reason, "Run the day again when it is whole")])
    return ReadableFile(landed, terms, readable_as, path, version, columns, left_out, file_format.is_typed)


def _version(landed: LandedFile) -> FileVersion:
    try:
        return FileVersion.of(landed.path)
    except OSError as error:
        reason = f"the file cannot be opened ({error.strerror})"
        raise ExportRefused([landed.problem(reason, "Let the user that runs Triune read it")]) from None
