"""Makes a landed file readable by DuckDB: decompressed, decoded strictly, as UTF-8 CSV with a known header.

DuckDB itself reads cp1251 only with a 350 MB extension, and a wrong single-byte encoding "succeeds" with unreadable
text: both are settled here, before a row is parsed.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.source_terms import EntityMapping
from models.sources import Profile
from orchestration.ingest.landing import FileVersion, LandedFile
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.sheets import sheet_as_csv
from orchestration.privacy.patterns import shown

_CHUNK = 1 << 22
_SUSPECTS = ("utf-8", "cp1251", "utf-16")
# What reading a damaged archive may raise; RuntimeError is a password, NotImplementedError an unknown compression.
_DAMAGE = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


@dataclass(frozen=True)
class ReadableFile:
    """A UTF-8 CSV that DuckDB can read, and the names in its header.

    Rows that hold nothing are told by number: `empty_lines`, which DuckDB passes over, and `empty_rows` (`;;;`).
    """

    landed: LandedFile
    version: FileVersion
    csv_path: Path
    header: tuple[str, ...]
    empty_lines: tuple[int, ...]
    empty_rows: tuple[int, ...]


def make_readable(landed: LandedFile, profile: Profile, mapping: EntityMapping, csv_path: Path) -> ReadableFile:
    """Writes `landed` as UTF-8 CSV (with the profile's delimiter and quote) to `csv_path`.

    Raises:
        ExportRefused: the file is damaged, is in another encoding than the profile says, has no usable header, or is
            still being written.
    """
    version = _version(landed)
    if landed.path.suffix.lower() == ".xlsx":
        sheet_as_csv(landed, profile, mapping, csv_path)
    else:
        _transcode(landed, profile, csv_path)
    header = _header(landed, profile, csv_path)
    if not version.is_still(landed.path):
        reason = "the file changed while it was read"
        raise ExportRefused([landed.problem(reason, "Run the day again when it is whole")])
    lines, rows = _rows_without_content(csv_path, profile)
    if len(header) == 1:
        # An empty line is a row with an empty cell then, and DuckDB reads it.
        lines, rows = [], sorted([*lines, *rows])
    return ReadableFile(landed, version, csv_path, header, tuple(lines), tuple(rows))


def _version(landed: LandedFile) -> FileVersion:
    try:
        return FileVersion.of(landed.path)
    except OSError as error:
        reason = f"the file cannot be opened ({error.strerror})"
        raise ExportRefused([landed.problem(reason, "Let the user that runs Triune read it")]) from None


def _transcode(landed: LandedFile, profile: Profile, csv_path: Path) -> None:
    encoding = profile.text.encoding
    # A tab behind an id would make it another id; DuckDB trims spaces of any width, and nothing else.
    tab_as = profile.text.delimiter if profile.text.delimiter == "\t" else " "
    # Any newline becomes \n: DuckDB refuses a file that mixes them.
    decode = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors="strict"), translate=True)
    could_be_utf8 = codecs.getincrementaldecoder("utf-8")(errors="strict")
    looks_utf8 = not _is_utf8(encoding)
    is_ascii = True
    rows_before = 0
    try:
        with _opened(landed) as raw, csv_path.open("w", encoding="utf-8", newline="") as out:
            while chunk := raw.read(_CHUNK):
                try:
                    text = decode.decode(chunk)
                except UnicodeError as error:
                    if isinstance(error, UnicodeDecodeError):
                        rows_before += error.object[: error.start].count(b"\n")
                    raise ExportRefused([_wrong_encoding(landed, encoding, chunk, rows_before + 1)]) from None
                is_ascii = is_ascii and chunk.isascii()
                looks_utf8 = looks_utf8 and _decodes(could_be_utf8, chunk)
                rows_before += text.count("\n")
                out.write(text.replace("\t", tab_as))
            out.write(decode.decode(b"", final=True))
    except _DAMAGE as error:
        raise ExportRefused([landed.problem(f"the archive is damaged ({error})", "Export or copy it again")]) from None
    except KeyError:
        missing = f"the archive has no member '{landed.member}'"
        raise ExportRefused(
            [landed.problem(missing, "Name the right member in the profile or export it again")]
        ) from None
    except UnicodeDecodeError:
        cut = landed.problem(f"the file ends inside a {encoding} character", "It was cut off: export it again")
        raise ExportRefused([cut]) from None
    if looks_utf8 and not is_ascii:
        reason = f"the file is UTF-8, but the profile says {encoding}: every letter would come out wrong"
        raise ExportRefused(
            [landed.problem(reason, "Set text.encoding to utf-8 in the profile, or export it again", 1)]
        )


@contextmanager
def _opened(landed: LandedFile) -> Iterator[IO[bytes]]:
    if landed.member:
        with zipfile.ZipFile(landed.path) as archive, archive.open(landed.member) as member:
            yield member
    elif landed.path.suffix == ".gz":
        with gzip.open(landed.path, "rb") as file:
            yield file  # type: ignore[misc]
    else:
        with landed.path.open("rb") as file:
            yield file


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeError:  # of UTF-16 without a byte order mark, not its subclass UnicodeDecodeError
        return False
    return True


def _wrong_encoding(landed: LandedFile, encoding: str, chunk: bytes, row: int) -> FileProblem:
    others = [name for name in _SUSPECTS if name != encoding and _decodes(codecs.getincrementaldecoder(name)(), chunk)]
    hint = f"It may be {others[0]}: set text.encoding in the profile" if others else "Export it again"
    return landed.problem(f"the file is not {encoding}, as the profile says", hint, row)


def _header(landed: LandedFile, profile: Profile, csv_path: Path) -> tuple[str, ...]:
    with csv_path.open(encoding="utf-8-sig", newline="") as file:
        try:
            first = next(csv.reader(file, delimiter=profile.text.delimiter, quotechar=profile.text.quote), None)
        except csv.Error as error:
            reason = f"the header cannot be read ({error})"
            raise ExportRefused([landed.problem(reason, "Look for a quote that is never closed", 1)]) from None
    if first is None:
        raise ExportRefused([landed.problem("the file is empty: it has not even a header", "Export it again", 1)])
    if not any(name.strip() for name in first):
        raise ExportRefused([landed.problem("the first row is empty", "The header must be the first row", 1)])
    names = tuple(name.strip() or f"column {number}" for number, name in enumerate(first, 1))
    folded = [name.casefold() for name in names]
    twice = [name for name in names if folded.count(name.casefold()) > 1]
    if twice:
        reason = f"the header names a column twice: {', '.join(map(shown, twice))}"
        raise ExportRefused([landed.problem(reason, "Give each column a name of its own in the export", 1)])
    return names


def _rows_without_content(csv_path: Path, profile: Profile) -> tuple[list[int], list[int]]:
    """Rows without a single character, and rows of empty cells, numbered as a spreadsheet does."""
    text = csv_path.read_text(encoding="utf-8-sig")
    empty = f"{profile.text.delimiter} "
    # Nearly every file has neither, and telling so is cheap.
    if not any(f"\n{beginning}" in text for beginning in ("\n", *empty)):
        return [], []
    quote, delimiter = re.escape(profile.text.quote), re.escape(profile.text.delimiter)
    quoted_cell = f"(?<=[{delimiter}\n]){quote}(?:[^{quote}]|{quote}{quote})*{quote}"
    lines: list[int] = []
    rows: list[int] = []
    row, row_began = 1, 0
    for token in re.finditer(f"{quoted_cell}|\n|\\Z", text):
        if token.group() in ("\n", ""):
            content = text[row_began : token.start()]
            if not content and token.group():
                lines.append(row)
            elif content and not content.strip(empty):
                rows.append(row)
            row, row_began = row + 1, token.end()
    return lines, rows
