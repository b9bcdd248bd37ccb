"""Rows with what the profile's look-ups add and cells above say, and columns that are values turned into rows."""

from __future__ import annotations

import duckdb

from models.source_columns import key_columns
from models.source_terms import Lookup, Unpivot
from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.mapping.origins import computable, named_text
from orchestration.ingest.quoting import column_name, text_literal
from orchestration.ingest.refusal import ExportRefused
from orchestration.ingest.source_rows import ELEMENT, PLACE, scan_rows

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
    """`relation` with `columns` of the look-up `name`, and what of a filled key cannot be told (`lookup_flags`).

    Raises:
        ExportRefused: the condition of the look-up is no SQL.
    """
    found = scan_rows(connection, f"{table}_scan", files, sorted({*key_columns(lookup), *columns}))
    keys = [f"__triune_key_{number}" for number in range(len(lookup.by))]
    made = [
        f"{named_text(theirs, lookup.match)} as {key}" for key, theirs in zip(keys, lookup.by.values(), strict=True)
    ]
    values = [column_name(column) for column in columns]
    # A row without its whole key is nobody's, so it contradicts nothing.
    keyed = " and ".join(f"{key} is not null" for key in keys)
    if lookup.where is not None and files:
        found = f"(from {found} as rows where {computable(lookup.where, NumberFormat.of(lookup.text))})"
        _refuse_wrong_condition(connection, found, f"lookups.{name}.where", files[0])
    # Rows that say the same are one. What two that differ mean nobody knows: then the key stands for nothing.
    place = f"min({{'file': {_FILE}, 'row': {_ROW}, 'element': {ELEMENT}}}) as place"
    said = ", ".join([_DAY, *made, *values, place])
    of_key = "".join(f", case when count(*) = 1 then any_value({value}) end as {value}" for value in values)
    connection.execute(
        f"create temp table {table} as select {_DAY}, {', '.join(keys)}{of_key}, "
        f"case when count(*) > 1 then {_told('min(place)')} || ', ' || {_told('max(place)')} end as contradiction "
        f"from (select {said} from {found} group by all having {keyed}) group by {_DAY}, {', '.join(keys)}"
    )
    own = {key: named_text(column, lookup.match, "rows") for key, column in zip(keys, lookup.by, strict=True)}
    pairs = " and ".join(f"{text} = found.{key}" for key, text in own.items())
    filled = " and ".join(f"{text} is not null" for text in own.values())
    joined = "".join(f", found.{column_name(column)} as {column_name(f'{name}.{column}')}" for column in columns)
    missing, contradiction = lookup_flags(name)
    return f"""(
        select rows.*{joined}, found.{_DAY} is null and {filled} as {missing}, found.contradiction as {contradiction}
        from {relation} as rows
        left join {table} as found on rows.{_DAY} = found.{_DAY} and {pairs}
    )"""


def _told(place: str) -> str:
    return f"({place}).file || ' row ' || ({place}).row || coalesce('[' || ({place}).element || ']', '')"


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


def lookup_flags(lookup: str) -> tuple[str, str]:
    """Names of two columns: whether a row's key is not in the look-up, and where that says two things of it."""
    return f"__triune_not_in_{lookup}", f"__triune_two_in_{lookup}"


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
