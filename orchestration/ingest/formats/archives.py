"""Opens a landed file as bytes: as it is, out of gzip, out of a zip archive. Damage is a refusal, not a traceback."""

from __future__ import annotations

import errno
import gzip
import lzma
import struct
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
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
# An export of tables shrinks tenfold, a repetitive one a hundredfold; an archive made to fill the disk a thousandfold.
_BOMB_BYTES = 64 << 20
_BOMB_RATIO = 200


def chunks(landed: LandedFile) -> Iterator[bytes]:
    """The file's content in pieces.

    Raises:
        ExportRefused: the file or its archive is damaged, lacks the member, or grows beyond all measure.
    """
    unpacked = 0
    try:
        with landed.path.open("rb") as file, _unpacking(landed, file) as raw:
            begins = file.tell()
            while chunk := raw.read(CHUNK):
                unpacked += len(chunk)
                refuse_bomb(landed, file.tell() - begins, unpacked)
                yield chunk
    except DAMAGE as error:
        remedy = "Export or copy it again"
        raise ExportRefused([landed.problem(f"the archive is damaged ({damage_in_words(error)})", remedy)]) from None
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


def refuse_bomb(landed: LandedFile, packed: int, unpacked: int) -> None:
    """Raises:
    ExportRefused: so many unpacked bytes of so few packed ones are no export.
    """
    if unpacked > max(_BOMB_BYTES, _BOMB_RATIO * packed):
        reason = f"{packed:,} bytes of the archive unpack to more than {unpacked:,}"
        raise ExportRefused([landed.problem(reason, "No export shrinks so much: have it looked at")])


def damage_in_words(error: Exception) -> str:
    """What is wrong with an archive, without the terms and the paths of the library that found it."""
    if isinstance(error, NotImplementedError):
        return "it is packed in a way that cannot be unpacked here"
    if isinstance(error, RuntimeError):
        return "it is encrypted and asks for a password"
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL) and error.strerror:
        return error.strerror
    if is_wrong_checksum(error):
        return "its content is not what was packed: the checksums differ"
    return "it is no archive of its kind, or spoilt"


def is_wrong_checksum(error: Exception) -> bool:
    """Whether what came out of an archive is not what was put in."""
    return isinstance(error, gzip.BadGzipFile | zipfile.BadZipFile) and "CRC" in str(error)


@contextmanager
def _unpacking(landed: LandedFile, file: IO[bytes]) -> Iterator[IO[bytes]]:
    """`file` is the landed one, opened; how far it has been read tells how much has been unpacked of it."""
    if landed.member:
        with zipfile.ZipFile(file) as archive, archive.open(landed.member) as member:
            if landed.member.lower().endswith(".gz"):
                yield cast(IO[bytes], gzip.GzipFile(fileobj=member))
            else:
                yield member
    elif landed.path.suffix.lower() == ".gz":
        with gzip.open(file, "rb") as unpacked:
            yield cast(IO[bytes], unpacked)
    else:
        yield file
