"""Finds loaded rows that name something no export has delivered, e.g. a service line of an unknown service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from models.contracts import Contract
from models.sources import Profile


@dataclass(frozen=True)
class Orphans:
    """Rows whose `column` names a missing row of `target`; `file` and `row` are where the first one stands."""

    entity: str
    column: str
    target: str
    rows: int
    file: str
    row: int


def find_orphans(
    connection: duckdb.DuckDBPyConnection,
    contracts: dict[str, Contract],
    profile: Profile,
    first: date,
    last: date,
) -> list[Orphans]:
    """Orphans among the rows of these export days, most first. What the source does not deliver at all is none.

    They are counted when somebody looks: a later export may bring what is missing today.
    """
    searches = list(_searches(contracts, profile))
    if not searches:
        return []
    rows = connection.execute(
        f"select * from ({' union all '.join(searches)}) where orphans > 0 order by orphans desc, 1, 2",
        {"source": profile.source, "first": first, "last": last},
    ).fetchall()
    return [Orphans(*row) for row in rows]


def _searches(contracts: dict[str, Contract], profile: Profile) -> Iterator[str]:
    for entity, contract in contracts.items():
        for name, column in contract.columns.items():
            target = column.references
            if target is None or not profile.provides(entity, name) or target not in profile.entity_names:
                continue
            # Of a key of several columns, such as plan and version, the first is the one that others name.
            key = contracts[target].key[0]
            yield f"""
                select '{entity}', '{name}', '{target}', count(*) as orphans,
                    arg_min(_file, (_export_date, _row)), arg_min(_row, (_export_date, _row))
                from raw.{entity} as named
                where _source = $source and _export_date between $first and $last and {name} is not null
                    and not exists (from raw.{target} as t where t._source = $source and t.{key} = named.{name})
            """
