"""Copies marts and dimensions out of the private warehouse into `published/`, whole or not at all.

A reader that has the old file open keeps its old, consistent copy; a reader that opens now sees the old or the new one.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

# No pay and no patient-level rows live in these schemas of the warehouse.
PUBLISHED_SCHEMAS = ("dimensions", "marts")
# The oldest storage that DuckDB 1.x writes: clients from 1.0 on open it, also the older ones inside BI tools.
STORAGE_VERSION = "v1.0.0"

MARTS_FILE = "marts.duckdb"
PARQUET_LINK = "parquet"
_VERSIONS = ".parquet"


class PublishError(RuntimeError):
    """The snapshot was not published; the last one is still in place."""


@dataclass(frozen=True)
class PublishedTable:
    name: str
    rows: int


def publish_marts(warehouse: Path, published: Path) -> list[PublishedTable]:
    """Writes a new snapshot beside the published one, checks it, then puts it in place.

    Raises:
        PublishError: the warehouse has no marts, or the copy differs from them.
    """
    published.mkdir(parents=True, exist_ok=True)
    fresh_file = published / f".{MARTS_FILE}.new"
    _remove_leftovers(published, fresh_file)
    fresh_parquet = published / _VERSIONS / str(_linked_version(published) + 1)
    fresh_parquet.mkdir(parents=True)
    tables = _copy_tables(warehouse, fresh_file, fresh_parquet)
    _check_copy(fresh_file, tables)
    _sync(fresh_file)
    _replace_link(published / PARQUET_LINK, fresh_parquet)
    fresh_file.replace(published / MARTS_FILE)
    # The version before stays, for readers in the middle of it.
    _drop_versions(published, below=int(fresh_parquet.name) - 1)
    return tables


def _copy_tables(warehouse: Path, fresh_file: Path, fresh_parquet: Path) -> list[PublishedTable]:
    connection = duckdb.connect()
    try:
        connection.execute(f"attach '{_escaped(warehouse)}' as warehouse (read_only)")
        connection.execute(f"attach '{_escaped(fresh_file)}' as fresh (storage_version '{STORAGE_VERSION}')")
        names = connection.execute(
            """
            select schema_name, table_name, comment from duckdb_tables()
            where database_name = 'warehouse' and schema_name in (select unnest(?)) order by table_name
            """,
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        if not names:
            raise PublishError(f"{warehouse} holds no marts: run dbt first")
        return [_copy(connection, schema, table, comment, fresh_parquet) for schema, table, comment in names]
    finally:
        connection.close()


def _copy(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, comment: str | None, fresh_parquet: Path
) -> PublishedTable:
    connection.execute(f"create table fresh.{table} as select * from warehouse.{schema}.{table} order by all")
    if comment:
        connection.execute(f"comment on table fresh.{table} is '{comment.replace(chr(39), chr(39) * 2)}'")
    columns = connection.execute(
        """
        select column_name, comment from duckdb_columns()
        where database_name = 'warehouse' and schema_name = ? and table_name = ? and comment is not null
        """,
        [schema, table],
    ).fetchall()
    for column, text in columns:
        connection.execute(f"comment on column fresh.{table}.{column} is '{text.replace(chr(39), chr(39) * 2)}'")
    connection.execute(f"copy fresh.{table} to '{_escaped(fresh_parquet / table)}.parquet' (format parquet)")
    row = connection.execute(f"select count(*) from warehouse.{schema}.{table}").fetchone()
    return PublishedTable(table, int(row[0]) if row else 0)


def _check_copy(fresh_file: Path, tables: list[PublishedTable]) -> None:
    connection = duckdb.connect(str(fresh_file), read_only=True)
    try:
        for table in tables:
            row = connection.execute(f"select count(*) from {table.name}").fetchone()
            if row is None or row[0] != table.rows:
                raise PublishError(f"the copy of {table.name} is not complete; the last snapshot stays published")
    finally:
        connection.close()


def _linked_version(published: Path) -> int:
    """The Parquet version that readers see; 0 before the first."""
    link = published / PARQUET_LINK
    return int(link.readlink().name) if link.is_symlink() else 0


def _replace_link(link: Path, target: Path) -> None:
    fresh_link = link.with_name(f".{link.name}.new")
    fresh_link.symlink_to(target.relative_to(link.parent), target_is_directory=True)
    fresh_link.replace(link)


def _drop_versions(published: Path, *, below: int = 0, above: float = float("inf")) -> None:
    folder = published / _VERSIONS
    versions = [child for child in folder.iterdir() if child.name.isdigit()] if folder.is_dir() else []
    for version in versions:
        if int(version.name) < below or int(version.name) > above:
            shutil.rmtree(version)


def _remove_leftovers(published: Path, fresh_file: Path) -> None:
    """What a killed run left beside the published files."""
    for leftover in (fresh_file, fresh_file.with_name(fresh_file.name + ".wal"), published / f".{PARQUET_LINK}.new"):
        leftover.unlink(missing_ok=True)
    _drop_versions(published, above=_linked_version(published))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
