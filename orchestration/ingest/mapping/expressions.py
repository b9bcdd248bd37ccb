"""Proves the SQL expressions that a profile's author wrote, one by one, so that a mistake is told with its key."""

from __future__ import annotations

import duckdb

from models.source_terms import EntityMapping
from orchestration.ingest.landing import LandedFile
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.mapping.origins import computable, expressions
from orchestration.ingest.refusal import ExportRefused


def refuse_wrong_expressions(
    connection: duckdb.DuckDBPyConnection, mapping: EntityMapping, relation: str, landed: LandedFile
) -> None:
    """Raises:
    ExportRefused: with every expression that is no SQL, or names what is not there.
    """
    problems = []
    for key, expression in expressions(mapping).items():
        sql = computable(expression, NumberFormat.of(mapping.text))
        try:
            connection.execute(f"explain select {sql} from {relation}")
        except duckdb.Error as error:
            reason = f"the SQL of {landed.entity}.{key} cannot be used: {str(error).splitlines()[0]}"
            problems.append(landed.problem(reason, f"Correct it in the profile of {landed.source}"))
    if problems:
        raise ExportRefused(problems)
