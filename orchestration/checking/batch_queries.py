"""Asks the batches and the quarantine of a dry run: problems by kind, repeated keys, filled columns, first rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from models.contracts import Contract, Privacy, year_column
from models.source_terms import ColumnMapping, EntityMapping
from orchestration.checking.findings import ColumnCheck, Finding, Level, Place
from orchestration.ingest.quoting import column_name, parquet_relation

_PLACES = 3
_VALUES = 8
FIRST_ROWS = 2
# Rows with a value that the value map lacks are told value by value.
_GAP = "unknown_value"


def quarantine_findings(connection: duckdb.DuckDBPyConnection, entity: str, paths: list[Path]) -> Iterator[Finding]:
    """Rows that could not be typed, by column and reason, most first."""
    if not paths:
        return
    rows = connection.execute(
        f"""
        select column_name, rule, reason, count(distinct (_file, _row)),
            list({{'file': _file, 'row': _row, 'value': value}} order by _export_date, _file, _row)[:{_PLACES}]
        from {parquet_relation(paths)} group by all order by 4 desc, 1 nulls first, 2, 3
        """
    ).fetchall()
    for column, rule, reason, count, places in rows:
        message = reason.partition("; it knows: ")[0] if rule == _GAP else reason
        shown = _unknown_values(connection, paths, column) if rule == _GAP else None
        message += f": {shown}" if shown else ""
        yield Finding(entity, Level.QUARANTINED, rule, message, column, count, _places(places))


def _unknown_values(connection: duckdb.DuckDBPyConnection, paths: list[Path], column: str) -> str:
    """Values that a value map lacks, with counts; a private one has none here."""
    rows = connection.execute(
        f"select value, count(*) from {parquet_relation(paths)} "
        f"where rule = '{_GAP}' and column_name = ? and value is not null group by 1 order by 2 desc, 1",
        [column],
    ).fetchall()
    more = f" … and {len(rows) - _VALUES} more" if len(rows) > _VALUES else ""
    return ", ".join(f"'{value}' {count:,}×" for value, count in rows[:_VALUES]) + more


def repeated_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, batch: str) -> Iterator[Finding]:
    """Rows of a day that have the key of another row of that day; one of them would be kept."""
    key = ", ".join(column_name(name) for name in contract.key)
    count, places = connection.execute(
        f"""
        select count(*),
            list({{'file': _file, 'row': _row, 'value': null}} order by _export_date, _file, _row)[:{_PLACES}]
        from (
            select *, row_number() over (partition by _export_date, {key} order by _file, _row) as number from {batch}
            where {" and ".join(f"{column_name(name)} is not null" for name in contract.key)}
        )
        where number > 1
        """
    ).fetchall()[0]
    if count:
        message = f"the day has another row with the same {' + '.join(contract.key)}; one of them is kept"
        yield Finding(
            contract.entity, Level.QUARANTINED, "key_is_unique", message, contract.key[0], count, _places(places)
        )


def column_checks(
    connection: duckdb.DuckDBPyConnection, contract: Contract, mapping: EntityMapping, batch: str
) -> list[ColumnCheck]:
    """Every mapped column, in the contract's order."""
    checks = []
    for name, column in contract.columns.items():
        if name not in mapping.columns:
            continue
        origin = _origin(mapping.columns[name])
        if column.privacy is Privacy.DROP:
            checks.append(ColumnCheck(name, origin, 0.0, None))
            continue
        stored = column_name(year_column(name) if column.privacy is Privacy.YEAR else name)
        filled, first = connection.execute(
            f"select count({stored}) / greatest(count(*), 1), "
            f"list(cast({stored} as varchar) order by _export_date, _file, _row)[:{FIRST_ROWS}] from {batch}"
        ).fetchall()[0]
        checks.append(ColumnCheck(name, origin, filled, None if column.privacy else tuple(first or ())))
    return checks


def _origin(mapping: ColumnMapping) -> str:
    """Where a column comes from, in a few words."""
    if mapping.source_column is not None:
        return mapping.source_column
    if mapping.constant is not None:
        return f"= {mapping.constant}"
    return f"hash of {', '.join(mapping.hash)}" if mapping.hash else f"sql {mapping.sql}"


def _places(found: list[dict[str, object]] | None) -> tuple[Place, ...]:
    return tuple(Place(str(at["file"]), int(str(at["row"])), _text(at["value"])) for at in found or [])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
