"""Rows with what the profile's look-ups add and cells above say, and columns that are values turned into rows."""

from __future__ import annotations

import duckdb

from models.source_columns import key_columns
from models.source_terms import Lookup, Unpivot
from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.mapping.origins import computable, named_text
from orchestration.ingest.quoting import column_name, text_literal
from orchestration.ingest.refusal import ExportRefused, FileProblem
from orchestration.ingest.source_rows import PLACE, scan_rows

_DAY, _FILE, _ROW = PLACE.values()


def with_lookup(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    table: str,
    name: str,
    lookup: Lookup,
    files: list[ReadableFile],
    columns: list[str],
) -> str:
    """`relation` with `columns` of the look-up `name`, and whether a filled key found nothing (`missing_flag`).

    Raises:
        ExportRefused: a key stands in several rows that say different things, or the condition is no SQL.
    """
    found = scan_rows(connection, f"{table}_scan", files, sorted({*key_columns(lookup), *columns}))
    keys = [f"__triune_key_{number}" for number in range(len(lookup.by))]
    made = [
        f"{named_text(theirs, lookup.match)} as {key}" for key, theirs in zip(keys, lookup.by.values(), strict=True)
    ]
    values = "".join(f", {column_name(column)}" for column in columns)
    # A row without its whole key is nobody's, so it contradicts nothing.
    keyed = " and ".join(f"{key} is not null" for key in keys)
    if lookup.where is not None and files:
        found = f"(from {found} as rows where {computable(lookup.where, NumberFormat.of(lookup.text))})"
        _refuse_wrong_condition(connection, found, f"lookups.{name}.where", files[0])
    connection.execute(
        f"create temp table {table} as "
        f"select {_DAY}, {', '.join(made)}{values}, min({_ROW}) as {_ROW} from {found} group by all having {keyed}"
    )
    _refuse_ambiguous(connection, table, ", ".join(keys), files)
    own = {key: named_text(column, lookup.match, "rows") for key, column in zip(keys, lookup.by, strict=True)}
    pairs = " and ".join(f"{text} = found.{key}" for key, text in own.items())
    filled = " and ".join(f"{text} is not null" for text in own.values())
    joined = "".join(f", found.{column_name(column)} as {column_name(f'{name}.{column}')}" for column in columns)
    return f"""(
        select rows.*{joined}, found.{_ROW} is null and {filled} as {column_name(missing_flag(name))}
        from {relation} as rows
        left join {table} as found on rows.{_DAY} = found.{_DAY} and {pairs}
    )"""


def filled_down(relation: str, fill_down: dict[str, str], columns: list[str], numbers: NumberFormat) -> str:
    """`relation`, whose own columns are `columns`, with what each of `fill_down` says, or has said last above."""
    above = f"partition by {_DAY}, {_FILE} order by {_ROW} rows between unbounded preceding and current row"
    hidden = ", ".join(column_name(name) for name in fill_down if name in columns)
    filled = ", ".join(
        f"last_value(nullif(trim(try(cast(({computable(sql, numbers)}) as varchar))), '') ignore nulls) over ({above})"
        f" as {column_name(name)}"
        for name, sql in fill_down.items()
    )
    return f"(select rows.*{f' exclude ({hidden})' if hidden else ''}, {filled} from {relation} as rows)"


def missing_flag(lookup: str) -> str:
    """Name of the column that says whether a row's key is not in the look-up."""
    return f"__triune_not_in_{lookup}"


def unpivoted(relation: str, unpivot: Unpivot, columns: list[str]) -> str:
    """A row for each filled cell of the unpivot's columns; `columns` are the others that are wanted.

    A row's `_file` names the column too, so that (file, row) still names one row.
    """
    names = [name for name in columns if name not in (unpivot.name, unpivot.value)]
    kept = "".join(f"rows.{column_name(name)}, " for name in names)
    cells = ", ".join(
        f"{{'header': {text_literal(header)}, 'name': {text_literal(name)}, 'value': rows.{column_name(header)}}}"
        for header, name in unpivot.columns.items()
    )
    return f"""(
        select {kept}rows.{_DAY}, rows.{_FILE} || '[' || rows.cell.header || ']' as {_FILE}, rows.{_ROW},
            rows.cell.name as {column_name(unpivot.name)}, rows.cell.value as {column_name(unpivot.value)}
        from (select *, unnest([{cells}]) as cell from {relation} as rows) as rows
        where trim(rows.cell.value) <> ''
    )"""


def _refuse_wrong_condition(connection: duckdb.DuckDBPyConnection, chosen: str, key: str, file: ReadableFile) -> None:
    """Counts the rows of a look-up that its condition has chosen, which shows whether it can be computed on all."""
    reason = ""
    try:
        connection.execute(f"explain from {chosen}")
        # What fails on a row quotes its cells; what cannot be understood quotes the profile.
        reason = f"the SQL of {key} cannot be computed on every row"
        connection.execute(f"select count(*) from {chosen}")
    except duckdb.Error as error:
        reason = reason or f"the SQL of {key} cannot be used: {str(error).splitlines()[0]}"
        remedy = f"Correct it in the profile of {file.landed.source}"
        raise ExportRefused([file.landed.problem(reason, remedy)]) from None


def _refuse_ambiguous(connection: duckdb.DuckDBPyConnection, table: str, keys: str, files: list[ReadableFile]) -> None:
    twice = connection.execute(
        f"select {_DAY}, min({_ROW}), max({_ROW}) from {table} group by {_DAY}, {keys} having count(*) > 1"
    ).fetchall()
    landed = {file.landed.day: file.landed for file in files}
    problems: list[FileProblem] = [
        landed[day].problem(
            f"{_named(first, last)} have the same key and say different things",
            "Let the look-up name each key once",
            last,
        )
        for day, first, last in twice
    ]
    if problems:
        raise ExportRefused(problems)


def _named(first: int, last: int) -> str:
    return f"rows {first} and {last}" if first != last else f"two elements of row {first}"
