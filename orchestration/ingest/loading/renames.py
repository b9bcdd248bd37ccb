"""Which id stands for which: merged patient cards and renamed ids, followed through chains to the one that survives."""

from __future__ import annotations

import duckdb

from models.contracts import Contract, load_contracts
from models.row_keys import row_key

# What says that an id has been replaced: a card that names the one it was merged into, or a change of any other id.
MERGED, RENAMED = "patients", "id_changes"


def renamed_columns(contract: Contract) -> dict[str, str]:
    """Column → entity whose id it holds, for ids that may be replaced; a merged card keeps its own row."""
    renameable = load_contracts()[RENAMED].columns["entity"].codes or {}
    columns = {name: column.references for name, column in contract.columns.items() if column.references}
    if contract.entity in renameable:
        columns[contract.key[0]] = contract.entity
    return {name: entity for name, entity in columns.items() if entity in (MERGED, *renameable)}


def refresh_surviving_ids(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, tuple[str, ...]]:
    """Derives `ops.surviving_ids` of one source; returns a warning for each ring, by the entity that says so.

    Temp tables: `ids_changed` (entity, old_id), whose survivor is another than before, and `ids_regrouped`
    (entity, id), all ids that stood or stand for the same thing as one of these.
    """
    _create_edges(connection, source)
    warnings = _break_rings(connection, source)
    connection.execute(
        f"""
        create or replace temp table derived as
        {_WALK}
        select walk.entity, walk.old_id, walk.reached as surviving_id from walk
        anti join edges on edges.entity = walk.entity and edges.old_id = walk.reached
        """
    )
    stored = "select entity, old_id, surviving_id from ops.surviving_ids where _source = $source"
    connection.execute(
        f"""
        create or replace temp table ids_changed as
        select distinct entity, old_id from (
            (from derived except {stored}) union all ({stored} except from derived)
        )
        """,
        {"source": source},
    )
    connection.execute(
        f"""
        create or replace temp table ids_regrouped as
        with ids as (from derived union ({stored})),
        survivors as (select distinct entity, surviving_id from ids semi join ids_changed using (entity, old_id))
        select entity, old_id as id from ids semi join survivors using (entity, surviving_id)
        union
        select entity, surviving_id from survivors
        """,
        {"source": source},
    )
    connection.execute("delete from ops.surviving_ids where _source = $source", {"source": source})
    connection.execute(
        "insert into ops.surviving_ids by name select $source as _source, * from derived", {"source": source}
    )
    connection.execute("drop table derived; drop table edges")
    return warnings


def _create_edges(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """Temp table `edges`: each replaced id and what replaces it, as the latest exports say.

    A merge outlives the card: an MIS may stop exporting cards that were merged. A change of id can be withdrawn.
    """
    connection.execute(
        f"""
        create or replace temp table edges as
        with cards as (
            from raw.patients where _source = $source and _is_deleted is not true
            qualify row_number() over (partition by patient_id order by _export_date desc, _row desc) = 1
        ),
        changes as (
            from raw.id_changes where _source = $source
            qualify row_number() over (
                partition by entity, old_id order by _export_date desc, updated_at desc nulls last, _row desc
            ) = 1
        )
        select 'patients' as entity, patient_id as old_id, merged_into_patient_id as new_id, null::date as changed_on
        from cards where merged_into_patient_id is not null
        union all
        select changes.entity, old_id, new_id, changed_on from changes
        anti join (from ops.deletions where _source = $source and entity = 'id_changes') as gone
            on gone._key = {row_key(load_contracts()[RENAMED], "changes")} and gone.last_seen_on = changes._export_date
        where _is_deleted is not true
        """,
        {"source": source},
    )


def _break_rings(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, tuple[str, ...]]:
    """Takes the oldest change out of every ring: A became B and B later A again, so A is the one that survives."""
    rings = connection.execute(
        f"""
        {_WALK},
        rings as (select distinct entity, list_sort(passed) as ids from walk where reached = old_id),
        members as (select entity, ids, unnest(ids) as old_id from rings)
        select entity, array_to_string(any_value(ids), ', ') as ids,
            arg_min(old_id, (coalesce(changed_on, date '0001-01-01'), old_id)) as old_id,
            arg_min(new_id, (coalesce(changed_on, date '0001-01-01'), old_id)) as new_id
        from members join edges using (entity, old_id)
        group by entity, members.ids order by all
        """
    ).fetchall()
    for entity, _, old_id, _ in rings:
        connection.execute("delete from edges where entity = ? and old_id = ?", [entity, old_id])
    warnings: dict[str, tuple[str, ...]] = {}
    for entity, ids, old_id, new_id in rings:
        said_by = MERGED if entity == MERGED else RENAMED
        warnings[said_by] = (
            *warnings.get(said_by, ()),
            f"{source}: changed ids of {entity} form a ring ({ids}). The oldest change, {old_id} → {new_id}, is left "
            "out. Correct it in the MIS",
        )
    return warnings


_WALK = """
with recursive walk as (
    select entity, old_id, new_id as reached, [old_id] as passed from edges
    union all
    select walk.entity, walk.old_id, edges.new_id, list_append(walk.passed, walk.reached)
    from walk join edges on edges.entity = walk.entity and edges.old_id = walk.reached
    where not list_contains(walk.passed, walk.reached)
)
"""
