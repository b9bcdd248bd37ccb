"""Proves the SQL expressions that a profile's author wrote, one by one, so that a mistake is told with its key."""

from __future__ import annotations

import duckdb

from models.source_terms import EntityMapping
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.mapping.origins import computable, expressions
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.source_rows import broken_rows


def refuse_wrong_expressions(
    connection: duckdb.DuckDBPyConnection, mapping: EntityMapping, relation: str, landed: LandedFile
) -> None:
    """Raises:
    ExportRefused: with every expression that is no SQL, or names what is not there.
    """
    _refuse(connection, mapping, expressions(mapping), relation, landed)


def refuse_wrong_fill_down(
    connection: duckdb.DuckDBPyConnection, mapping: EntityMapping, relation: str, landed: list[LandedFile]
) -> None:
    """Raises:
    ExportRefused: an expression of `fill_down` is wrong; or a row could not be read that may say what goes on below.
    """
    fill_down = {f"fill_down.{name}": sql for name, sql in mapping.fill_down.items()}
    _refuse(connection, mapping, fill_down, relation, landed[0])
    broken = dict(connection.execute(f"select _file, min(_row) from {broken_rows(connection)} group by 1").fetchall())
    reason = "the row cannot be read, and cells below it are filled from above: they may be filled wrongly"
    if problems := [
        file.problem(reason, "Correct the row in the export", broken[file.name])
        for file in landed
        if file.name in broken
    ]:
        raise ExportRefused(problems)


def _refuse(
    connection: duckdb.DuckDBPyConnection,
    mapping: EntityMapping,
    wanted: dict[str, str],
    relation: str,
    landed: LandedFile,
) -> None:
    problems = []
    for key, expression in wanted.items():
        sql = computable(expression, NumberFormat.of(mapping.text))
        try:
            connection.execute(f"explain select {sql} from {relation}")
        except duckdb.Error as error:
            reason = f"the SQL of {landed.entity}.{key} cannot be used: {str(error).splitlines()[0]}"
            problems.append(landed.problem(reason, f"Correct it in the profile of {landed.source}"))
    if problems:
        raise ExportRefused(problems)
