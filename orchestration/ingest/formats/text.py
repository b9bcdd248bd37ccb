"""Decodes a text file strictly and writes it as UTF-8 with plain newlines.

DuckDB itself reads cp1251 only with a 350 MB extension, and a wrong single-byte encoding "succeeds" with unreadable
text: both are settled here, before a row is parsed.
"""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path

from models.file_terms import TextFormat
from orchestration.ingest.formats.archives import chunks
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused, FileProblem

_NEWLINE = re.compile("\r\n?|\n")
# Of a disk that was full, or a copy that was broken off, gigabytes of zeros may be left.
_LONGEST_LINE = 64_000_000
_SUSPECTS = ("utf-8", "cp1251", "utf-16")


def decode(landed: LandedFile, text: TextFormat, path: Path, *, has_rows: bool = True) -> None:
    """Writes `landed` as UTF-8 to `path`. `has_rows`: each line is to be a row, or a part of one.

    Raises:
        ExportRefused: the file is in another encoding than the profile says, a line of it is longer than any row, or
            see `archives.chunks`.
    """
    encoding = text.encoding
    # A tab behind an id would make it another id; DuckDB trims spaces of any width, and nothing else.
    tab_as = text.delimiter if text.delimiter == "\t" else " "
    # Any newline becomes \n: DuckDB refuses a file that mixes them.
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors="strict"), translate=True)
    could_be_utf8 = codecs.getincrementaldecoder("utf-8")(errors="strict")
    looks_utf8 = not _is_utf8(encoding)
    is_ascii = True
    rows_before, line_so_far = 0, 0
    with path.open("w", encoding="utf-8", newline="") as out:
        for chunk in chunks(landed):
            try:
                decoded = decoder.decode(chunk)
            except UnicodeError as error:
                if isinstance(error, UnicodeDecodeError):
                    sound = error.object[: error.start].decode(encoding, "ignore")
                    rows_before += len(_NEWLINE.findall(sound))
                raise ExportRefused([_wrong_encoding(landed, encoding, chunk, rows_before + 1)]) from None
            if "\0" in decoded:
                raise ExportRefused(
                    [_no_text(landed, chunk, rows_before + decoded.count("\n", 0, decoded.index("\0")) + 1)]
                )
            is_ascii = is_ascii and chunk.isascii()
            looks_utf8 = looks_utf8 and _decodes(could_be_utf8, chunk)
            rows_before += decoded.count("\n")
            line_so_far = len(decoded) - decoded.rfind("\n") - 1 + (0 if "\n" in decoded else line_so_far)
            if has_rows and line_so_far > _LONGEST_LINE:
                reason = f"a line is longer than {_LONGEST_LINE:,} letters: it has lost its end, or holds no text"
                raise ExportRefused([landed.problem(reason, "Export it again", rows_before + 1)])
            out.write(decoded.replace("\t", tab_as))
        try:
            out.write(decoder.decode(b"", final=True))
        except UnicodeError:
            reason = f"the file ends inside a {encoding} character"
            raise ExportRefused([landed.problem(reason, "It was cut off: export it again")]) from None
    if looks_utf8 and not is_ascii:
        reason = f"the file is UTF-8, but the profile says {encoding}: every letter would come out wrong"
        remedy = "Set text.encoding to utf-8 in the profile, or export it again"
        raise ExportRefused([landed.problem(reason, remedy, 1)])


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeError:  # of UTF-16 without a byte order mark, not its subclass UnicodeDecodeError
        return False
    return True


def _no_text(landed: LandedFile, chunk: bytes, row: int) -> FileProblem:
    """Zero bytes are what a broken write or copy leaves inside a file, or every other byte of UTF-16."""
    is_wide = chunk.count(0) * 3 > len(chunk) and b"\0\0" not in chunk
    remedy = "It may be utf-16: set text.encoding in the profile" if is_wide else "Export or copy it again"
    return landed.problem("the file holds zero bytes where text should be", remedy, row)


def _wrong_encoding(landed: LandedFile, encoding: str, chunk: bytes, row: int) -> FileProblem:
    others = [name for name in _SUSPECTS if name != encoding and _decodes(codecs.getincrementaldecoder(name)(), chunk)]
    hint = f"It may be {others[0]}: set text.encoding in the profile" if others else "Export it again"
    return landed.problem(f"the file is not {encoding}, as the profile says", hint, row)
