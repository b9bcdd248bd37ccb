"""Searches whatever the pipeline leaves behind: tables through their own readers, everything else byte for byte.

A finding says where and how often, never what: the report may be read by people who may not see the data.
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.privacy.terms import Terms

_DUCKDB_MAGIC = b"DUCK"  # behind eight bytes of checksum
_PARQUET_MAGIC = b"PAR1"
_SQLITE_MAGIC = b"SQLite format 3\0"
_DAMAGE = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


class ScanError(Exception):
    """Something could not be looked into; that is no proof that it is clean."""


@dataclass(frozen=True, order=True)
class Finding:
    """Where personal data were found: file, table and column (or "bytes"), what kind, in how many rows or places."""

    path: Path
    place: str
    what: str
    count: int


@dataclass(frozen=True)
class ScanReport:
    """What a scan looked at and found."""

    files: int
    size: int
    findings: list[Finding]


def scan(paths: list[Path], terms: Terms) -> ScanReport:
    """Searches files and folders.

    Raises:
        ScanError: a path is not there, or a database cannot be opened.
    """
    absent = [str(path) for path in paths if not path.exists()]
    if absent:
        raise ScanError(f"not there: {', '.join(absent)}")
    files = sorted({file for path in paths for file in _files(path)})
    findings: list[Finding] = []
    parquet: dict[Path, list[Path]] = defaultdict(list)
    for file in files:
        # Told by its folder: a report must not repeat the name.
        name = file.name.replace("_", " ").encode()
        findings += [
            Finding(file.parent, "name of a file", what, count) for what, count in _in_bytes(name, terms).items()
        ]
        data = file.read_bytes()
        try:
            findings += [Finding(file, "bytes", what, count) for what, count in _in_bytes(data, terms).items()]
            if data[8:12] == _DUCKDB_MAGIC:
                findings += _in_duckdb(file, terms)
            elif data.startswith(_SQLITE_MAGIC):
                findings += _in_sqlite(file, terms)
            elif data.startswith(_PARQUET_MAGIC):
                parquet[_data_set(file)].append(file)
        except _DAMAGE:
            raise ScanError(f"{file} cannot be unpacked") from None
    for of_one_kind in parquet.values():
        findings += _in_parquet(of_one_kind, terms)
    return ScanReport(len(files), sum(file.stat().st_size for file in files), sorted(findings))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        # A link inside what is scanned leads to what is scanned as well, or was put there by somebody.
        yield from (file for file in path.rglob("*") if file.is_file())


def _in_bytes(data: bytes, terms: Terms) -> Counter[str]:
    """Needles in the bytes as they are and unpacked; patterns where the bytes are text."""
    found: Counter[str] = Counter()
    for part in [data, *_unpacked(data)]:
        found.update(terms.in_bytes(part))
        if b"\0" not in part:
            try:
                found.update(terms.in_text(part.decode("utf-8")))
            except UnicodeDecodeError:
                found.update(terms.in_text(part.decode("cp1251", "replace")))
    return found


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif data[:1] == b"\x78":  # a zlib stream, as Dagster keeps snapshots of jobs
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return


def _in_duckdb(file: Path, terms: Terms) -> list[Finding]:
    try:
        connection = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as error:
        reason = "another process writes to it: scan while no run is on" if "lock" in str(error) else "it is damaged"
        raise ScanError(f"{file} cannot be opened ({reason})") from None
    with closing(connection):
        tables = connection.execute(
            """
            select schema_name, table_name from duckdb_tables()
            where database_name = current_database() and not internal order by all
            """
        ).fetchall()
        return [
            Finding(file, f"{schema}.{table}.{column}", what, count)
            for schema, table in tables
            for column, what, count, _ in _in_relation(connection, f'"{schema}"."{table}"', terms, f"'{table}'")
        ]


def _in_parquet(files: list[Path], terms: Terms) -> list[Finding]:
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    relation = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false, filename = '_scanned_file')"
    with duckdb.connect() as connection:
        found = _in_relation(connection, relation, terms, "_scanned_file")
    return [Finding(Path(str(name)), column, what, count) for column, what, count, name in found]


def _in_relation(
    connection: duckdb.DuckDBPyConnection, relation: str, terms: Terms, owner: str
) -> list[tuple[str, str, int, str]]:
    """Column, label, rows and owner (a file, a table) of everything found in a table."""
    columns = [name for name, *_ in connection.execute(f"describe select * from {relation}").fetchall()]
    texts = {name: f'cast("{name}" as varchar)' for name in columns if name != "_scanned_file"}
    # A literal: a pattern that is no constant is compiled for every row.
    anything = "'" + terms.any_in_sql.replace("'", "''") + "'"
    counts = ", ".join(f"count(*) filter (regexp_matches({text}, {anything}))" for text in texts.values())
    rows = connection.execute(f"select {counts} from {relation}").fetchall()[0]
    suspects = [name for name, count in zip(texts, rows, strict=True) if count]
    found = []
    for name in suspects:
        for what, pattern in terms.in_sql.items():
            query = f"select {owner}, count(*) from {relation} where regexp_matches({texts[name]}, ?) group by 1"
            found += [(name, what, int(n), of) for of, n in connection.execute(query, [pattern]).fetchall()]
    return found


def _in_sqlite(file: Path, terms: Terms) -> list[Finding]:
    """Dagster's events and runs: JSON texts, some of them packed."""
    found: Counter[tuple[str, str]] = Counter()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            cursor = connection.execute(f'select * from "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    data = value.encode() if isinstance(value, str) else value
                    if isinstance(data, int | float):
                        data = str(data).encode()
                    if data:
                        found.update((f"{table}.{name}", what) for what in _in_bytes(data, terms))
    return [Finding(file, place, what, count) for (place, what), count in found.items()]


def _data_set(file: Path) -> Path:
    """The folder above the partitions: files below it have the same columns and are read as one."""
    return next((folder for folder in file.parents if "=" not in folder.name), file.parent)
