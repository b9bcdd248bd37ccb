"""Notes in `ops.touched_days` which days of the facts must be rebuilt.

A moment is UTC, its local day may be the one before or after; a day too many is rebuilt to the same rows.
"""

from __future__ import annotations

import duckdb

from models.contracts import ColumnType, Contract, load_contracts
from models.row_keys import row_key
from orchestration.ingest.loading.renames import renamed_columns


def touch_changed_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, load_id: int) -> None:
    """The days of every key for which another row stands now than before, or none: the one it left, the one it came to.

    A snapshot repeats rows that have not changed: they touch nothing. Reads the temp relations `replaced` and `changed`
    (rows), `deletions_before` and `deletions_changed` (keys).
    """
    if contract.day is None:
        return
    raw = f"from raw.{contract.entity} where _source = $source"
    before = f"select * exclude (_load_id) {raw} and _load_id <> $load_id union all by name from replaced"
    keys = ", ".join(contract.key)
    connection.execute(
        f"""
        create or replace temp table changed_keys as
        select distinct {keys} from ({_versions(contract, before)})
        where ({keys}) in (select ({keys}) from ({_versions(contract, "from changed")}))
            or _recorded_key in (select _key from deletions_changed)
        """,
        {"source": source, "load_id": load_id},
    )
    # Of keys that are new nothing stood before: nearly all of what a day brings.
    came = f"from ({_versions(contract, 'from changed')}) where _is_deleted is not true"
    new = f"from ({came}) anti join changed_keys using ({keys})"
    _insert(connection, contract, new, source, load_id)
    now = f"select * exclude (_load_id) {raw}"
    gone = f"from ops.deletions where _source = $source and entity = '{contract.entity}'"
    moved = f"""
        with before as ({_standing(contract, before, "from deletions_before")}),
        now as ({_standing(contract, now, gone)})
        (from before except from now) union all (from now except from before)
    """
    _insert(connection, contract, moved, source, load_id)
    connection.execute("drop table changed_keys")


def touch_renamed_ids(connection: duckdb.DuckDBPyConnection, source: str, load_id: int) -> None:
    """The days of every row that names an id whose survivor has changed: reads `ids_changed` and `ids_regrouped`."""
    renamed = {entity for (entity,) in connection.execute("select distinct entity from ids_changed").fetchall()}
    for contract in load_contracts().values():
        for name, entity in renamed_columns(contract).items():
            if contract.day is None or entity not in renamed:
                continue
            # Rows whose own key has changed give way to one another, also those of ids that stay.
            ids = "select id from ids_regrouped" if name in contract.key else "select old_id from ids_changed"
            rows = f"from raw.{contract.entity} where _source = $source and {name} in ({ids} where entity = '{entity}')"
            _insert(connection, contract, rows, source, load_id)


def _standing(contract: Contract, rows: str, deletions: str) -> str:
    """SELECT of the row that stands for each of `changed_keys`, as staging chooses it (macro `latest_version`)."""
    keys = ", ".join(contract.key)
    updated = "updated_at desc nulls last, " if "updated_at" in contract.columns else ""
    return f"""
        select {", ".join(contract.stored_columns)}
        from (
            from ({_versions(contract, rows)}) semi join changed_keys using ({keys})
            qualify row_number() over (
                partition by {keys} order by _export_date desc, _is_renamed, {updated}_row desc
            ) = 1
        ) as latest
        where _is_deleted is not true and not exists (
            from ({deletions}) as gone
            where gone._key = latest._recorded_key and gone.last_seen_on = latest._export_date
        )
    """


def _versions(contract: Contract, rows: str) -> str:
    """SELECT of `rows` with the surviving ids of their key: ids that stand for one thing share its versions."""
    columns = {name: entity for name, entity in renamed_columns(contract).items() if name in contract.key}
    joins = " ".join(
        f"left join ops.surviving_ids as of_{name} on of_{name}._source = $source "
        f"and of_{name}.entity = '{entity}' and of_{name}.old_id = rows.{name}"
        for name, entity in columns.items()
    )
    surviving = ", ".join(f"coalesce(of_{name}.surviving_id, rows.{name}) as {name}" for name in columns)
    is_renamed = " or ".join(f"of_{name}.old_id is not null" for name in columns) or "false"
    return f"""
        select rows.* {f"replace ({surviving})" if surviving else ""}, {row_key(contract, "rows")} as _recorded_key,
            {is_renamed} as _is_renamed
        from ({rows}) as rows {joins}
        where not (rows._is_deleted is true and ({is_renamed}))
    """


def _insert(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: str, source: str, load_id: int) -> None:
    day = contract.columns[contract.day or ""]
    clinic = "clinic_id" if "clinic_id" in contract.columns else "null"
    steps = "[-1, 0, 1]" if day.type is ColumnType.TIMESTAMP else "[0]"
    given = {"source": source, "load_id": load_id}
    connection.execute(
        f"""
        insert into ops.touched_days by name
        select distinct '{contract.entity}' as entity, $source as _source, {clinic} as clinic_id,
            {contract.day}::date + step::integer as local_date, $load_id as _load_id
        from ({rows}) as touched, unnest({steps}) as steps(step)
        where {contract.day} is not null
        """,
        given,
    )
