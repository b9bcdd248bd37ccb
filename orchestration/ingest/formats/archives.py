"""Opens a landed file as bytes: as it is, out of gzip, out of a zip archive. Damage is a refusal, not a traceback."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused

CHUNK = 1 << 22
# What reading a damaged archive may raise; RuntimeError is a password, NotImplementedError an unknown compression.
_DAMAGE = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
# An export of tables shrinks tenfold, a repetitive one a hundredfold; an archive made to fill the disk a thousandfold.
_BOMB_BYTES = 256 << 20
_BOMB_RATIO = 250


def chunks(landed: LandedFile) -> Iterator[bytes]:
    """The file's content in pieces.

    Raises:
        ExportRefused: the file or its archive is damaged, lacks the member, or grows beyond all measure.
    """
    packed = landed.path.stat().st_size
    unpacked = 0
    try:
        with _opened(landed) as raw:
            while chunk := raw.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > max(_BOMB_BYTES, _BOMB_RATIO * packed):
                    reason = f"the archive of {packed:,} bytes holds more than {unpacked:,}"
                    raise ExportRefused([landed.problem(reason, "No export shrinks so much: have it looked at")])
                yield chunk
    except _DAMAGE as error:
        raise ExportRefused([landed.problem(f"the archive is damaged ({error})", "Export or copy it again")]) from None
    except KeyError:
        missing = f"the archive has no member '{landed.member}'"
        remedy = "Name the right member in the profile or export it again"
        raise ExportRefused([landed.problem(missing, remedy)]) from None


def copy_to(landed: LandedFile, path: Path) -> None:
    """Writes the content to `path`, byte for byte.

    Raises:
        ExportRefused: see `chunks`.
    """
    with path.open("wb") as out:
        out.writelines(chunks(landed))


@contextmanager
def _opened(landed: LandedFile) -> Iterator[IO[bytes]]:
    if landed.member:
        with zipfile.ZipFile(landed.path) as archive, archive.open(landed.member) as member:
            if landed.member.lower().endswith(".gz"):
                yield cast(IO[bytes], gzip.GzipFile(fileobj=member))
            else:
                yield member
    elif landed.path.suffix.lower() == ".gz":
        with gzip.open(landed.path, "rb") as file:
            yield cast(IO[bytes], file)
    else:
        with landed.path.open("rb") as file:
            yield file
