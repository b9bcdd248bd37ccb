"""A process that reads the published marts over and over, as a BI tool does, and notes every state that it has seen.

Usage: python watch_published.py <published folder> <file that ends it> <file for the report> look|hold

`look` opens the file anew each time; `hold` opens it once and keeps it open. Knows nothing of the project.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

# Often enough to meet every step of a run, seldom enough to leave it the machine.
PAUSE_SECONDS = 0.5
TIED = """
    select count(*) filter (is_tied is not true and ledger_revenue_amount is not null
        or ledger_revenue_amount is distinct from commerce_revenue_amount
        or ledger_revenue_amount is distinct from utilisation_revenue_amount
        or ledger_revenue_amount is distinct from potential_revenue_amount)
    from {table}
"""


def state_of(connection: duckdb.DuckDBPyConnection, tables: dict[str, str]) -> str:
    """Table → rows and checksum, and how many clinic-days do not tie."""
    seen = {
        name: connection.execute(f"select count(*), sum(hash(t))::varchar from {table} as t").fetchone()
        for name, table in sorted(tables.items())
    }
    untied = connection.execute(TIED.format(table=tables["mart_triune__clinic_day"])).fetchone()
    return json.dumps({"untied": untied, "tables": seen})


def look_at_file(connection: duckdb.DuckDBPyConnection) -> str:
    names = connection.execute("select table_name from duckdb_tables()").fetchall()
    return state_of(connection, {name: name for (name,) in names})


def look_at_parquet(link: Path) -> str:
    folder = link.resolve(strict=True)  # one version for the whole look
    with duckdb.connect() as connection:
        return state_of(connection, {path.stem: f"read_parquet('{path}')" for path in folder.glob("*.parquet")})


def watch(published: Path, end: Path, holds: bool) -> dict[str, object]:
    report: dict[str, list[str]] = {"file": [], "parquet": [], "errors": []}
    looks = 0
    marts = published / "marts.duckdb"
    held = duckdb.connect(str(marts), read_only=True) if holds else None
    ended = False
    while not ended:
        ended = end.exists()  # one more look after the end
        looks += 1
        try:
            if held:
                note(report["file"], look_at_file(held))
            else:
                with duckdb.connect(str(marts), read_only=True) as connection:
                    note(report["file"], look_at_file(connection))
                note(report["parquet"], look_at_parquet(published / "parquet"))
        except Exception as error:  # a report of what happened, whatever it was
            note(report["errors"], f"{type(error).__name__}: {error}")
        if not ended:
            time.sleep(PAUSE_SECONDS)
    return {**report, "looks": looks}


def note(seen: list[str], state: str) -> None:
    """Notes a state where it differs from the one before."""
    if not seen or seen[-1] != state:
        seen.append(state)


if __name__ == "__main__":
    published_folder, end_file, report_file, mode = sys.argv[1:]
    Path(report_file).write_text(json.dumps(watch(Path(published_folder), Path(end_file), mode == "hold")))
