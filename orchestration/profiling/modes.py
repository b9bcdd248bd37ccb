"""Tells a snapshot of everything from a file of changes: by how many keys of a day come again on the next."""

from __future__ import annotations

import duckdb

from models.contracts import Contract, EntityKind
from orchestration.profiling.entities import Guess
from orchestration.profiling.habits import Guessed, percent
from orchestration.profiling.tables import DAY, Table

_FULL = 0.95


def guess_mode(connection: duckdb.DuckDBPyConnection, table: Table, contract: Contract, guess: Guess) -> Guessed:
    """`full` or `delta`."""
    headers = {match.column: match.header for match in guess.matches}
    key = [f"c{headers[name]}" for name in contract.key if name in headers]
    likely = "full" if contract.kind is EntityKind.REFERENCE else "delta"
    if len(table.days) < 2 or not key:
        return Guessed(likely, "one day cannot tell")
    names = ", ".join(key)
    again, before = connection.execute(
        f"""
        with days as (select {DAY} as day, lead({DAY}) over (order by {DAY}) as next_day
            from (select distinct {DAY} from {table.relation})),
        keys as (select distinct {DAY} as day, {names} from {table.relation})
        select count(*) filter (exists (
            from keys as later where later.day = days.next_day
                and {" and ".join(f"later.{column} is not distinct from keys.{column}" for column in key)}
        )), count(*)
        from keys join days using (day) where days.next_day is not null
        """
    ).fetchall()[0]
    share = again / before if before else 0.0
    return Guessed("full" if share >= _FULL else "delta", f"{percent(share)} of a day's keys come again on the next")
