"""Notes in `ops.touched_days` which days of the facts must be rebuilt.

A moment is UTC, its local day may be the one before or after; a day too many is rebuilt to the same rows.
"""

from __future__ import annotations

import duckdb

from models.contracts import ColumnType, Contract
from orchestration.ingest.keys import row_key
from orchestration.ingest.renames import renamed_columns


def touch_changed_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, load_id: int) -> None:
    """The days of every version of every changed key: the one it left and the one it came to.

    Reads the temp tables `changed` (rows) and `deletions_changed` (keys). Ids that stand for one thing share its
    versions.
    """
    if contract.day is None:
        return
    columns = {name: entity for name, entity in renamed_columns(contract).items() if name in contract.key}
    joins = " ".join(
        f"left join ops.surviving_ids as of_{name} on of_{name}._source = $source "
        f"and of_{name}.entity = '{entity}' and of_{name}.old_id = rows.{name}"
        for name, entity in columns.items()
    )
    renamed = ", ".join(f"coalesce(of_{name}.surviving_id, rows.{name}) as {name}" for name in columns)
    replaced = f"replace ({renamed})" if renamed else ""
    _insert(
        connection,
        contract,
        f"""
        with rows as (
            select * exclude (_load_id), {row_key(contract)} as _recorded_key from raw.{contract.entity}
            where _source = $source
            union all by name
            select *, {row_key(contract)} as _recorded_key from changed
        ),
        versions as (select rows.* {replaced} from rows {joins}),
        changed_keys as (
            select distinct {", ".join(contract.key)} from versions
            where _recorded_key in (select {row_key(contract)} from changed union select _key from deletions_changed)
        )
        from versions semi join changed_keys using ({", ".join(contract.key)})
        """,
        source,
        load_id,
    )


def touch_renamed_ids(
    connection: duckdb.DuckDBPyConnection, contracts: dict[str, Contract], source: str, load_id: int
) -> None:
    """The days of every row that names an id whose survivor has changed: reads `ids_changed` and `ids_regrouped`."""
    renamed = {entity for (entity,) in connection.execute("select distinct entity from ids_changed").fetchall()}
    for contract in contracts.values():
        for name, entity in renamed_columns(contract).items():
            if contract.day is None or entity not in renamed:
                continue
            # Rows whose own key has changed give way to one another, also those of ids that stay.
            ids = "select id from ids_regrouped" if name in contract.key else "select old_id from ids_changed"
            rows = f"from raw.{contract.entity} where _source = $source and {name} in ({ids} where entity = '{entity}')"
            _insert(connection, contract, rows, source, load_id)


def _insert(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: str, source: str, load_id: int) -> None:
    day = contract.columns[contract.day or ""]
    clinic = "clinic_id" if "clinic_id" in contract.columns else "null"
    steps = "[-1, 0, 1]" if day.type is ColumnType.TIMESTAMP else "[0]"
    connection.execute(
        f"""
        insert into ops.touched_days by name
        select distinct '{contract.entity}' as entity, $source as _source, {clinic} as clinic_id,
            {contract.day}::date + step::integer as local_date, $load_id as _load_id
        from ({rows}) as touched, unnest({steps}) as steps(step)
        where {contract.day} is not null
        """,
        {"source": source, "load_id": load_id},
    )
