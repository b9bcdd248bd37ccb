"""Chooses the rows of a sample: the first of each file, some of each mistake, and every row that those refer to."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from models.contracts import Contract
from orchestration.checking.dry_run import DryRun
from orchestration.checking.findings import SourceCheck
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.quoting import parquet_relation

# So many rows show a mistake.
_EACH = 3
# The file of a row, whichever element of a document there the row is: `Invoice.ndjson[2]`.
_WHOLE_FILE = "regexp_replace(_file, '\\[[0-9]+\\]$', '')"


def choose_rows(run: DryRun, check: SourceCheck, rows: int) -> dict[str, set[int]]:
    """Rows to keep, by file and numbered as in it. `rows` are taken of each; mistakes and references add some."""
    with duckdb.connect() as connection:
        connection.execute("create table chosen (_file varchar, _row bigint)")
        batches = {name: parquet_relation(paths) for name in run.contracts if (paths := run.paths(name))}
        for entity, batch in batches.items():
            _add(connection, f"{batch} qualify dense_rank() over (partition by {_WHOLE_FILE} order by _row) <= {rows}")
            _add_repeated(connection, run.contracts[entity], batch)
            _add_orphans(connection, run.contracts, entity, batches)
        for entity in run.profile.entity_names:
            if paths := run.store.quarantine_paths(run.profile.source, entity, run.days):
                by_mistake = f"partition by {_WHOLE_FILE}, column_name, rule, reason, value order by _row"
                _add(connection, f"{parquet_relation(paths)} qualify row_number() over ({by_mistake}) <= {_EACH}")
        found = [[at.file, at.row] for finding in check.findings for at in finding.places if at.row is not None]
        insert_rows(connection, "chosen", ("_file", "_row"), found)
        _close(connection, run.contracts, batches)
        listed = connection.execute("select distinct _file, _row from chosen").fetchall()
    kept: dict[str, set[int]] = {}
    for file, row in listed:
        # A row that was unpivoted names its column: `hours.xlsx[Monday]`; an element of a document its number.
        kept.setdefault(file.rpartition("[")[0] if file.endswith("]") else file, set()).add(row)
    return kept


def _add(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Adds the rows of `relation` that are not chosen yet; returns how many."""
    return int(
        connection.execute(
            f"""
            insert into chosen
            select distinct _file, _row from (from {relation}) as found
            where not exists (from chosen as c where (c._file, c._row) = (found._file, found._row))
            """
        ).fetchall()[0][0]
    )


def _add_repeated(connection: duckdb.DuckDBPyConnection, contract: Contract, batch: str) -> None:
    key = ", ".join(contract.key)
    _add(
        connection,
        f"(select * from {batch} where ({key}) in (select ({key}) from {batch} group by {key} having count(*) > 1 "
        f"order by min(_row) limit {_EACH}))",
    )


def _add_orphans(
    connection: duckdb.DuckDBPyConnection, contracts: dict[str, Contract], entity: str, batches: dict[str, str]
) -> None:
    for name, target, key in _targets(contracts[entity], contracts, batches):
        _add(
            connection,
            f"(select * from {batches[entity]} as rows where {name} is not null "
            f"and not exists (from {target} as t where t.{key} = rows.{name}) order by _file, _row limit {_EACH})",
        )


def _close(connection: duckdb.DuckDBPyConnection, contracts: dict[str, Contract], batches: dict[str, str]) -> None:
    """Adds what chosen rows refer to, until nothing is missing."""
    added = 1
    while added:
        added = 0
        for entity, batch in batches.items():
            for name, target, key in _targets(contracts[entity], contracts, batches):
                named = (
                    f"select rows.{name} from {batch} as rows "
                    "join chosen on (chosen._file, chosen._row) = (rows._file, rows._row)"
                )
                added += _add(connection, f"(select * from {target} where {key} in ({named}))")


def _targets(
    contract: Contract, contracts: dict[str, Contract], batches: dict[str, str]
) -> Iterable[tuple[str, str, str]]:
    for name, column in contract.columns.items():
        if column.references in batches and name in contract.stored_columns:
            yield name, batches[column.references], contracts[column.references].key[0]
