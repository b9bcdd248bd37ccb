"""Scans JSON: a document a line (NDJSON), or one document that holds the rows. Columns are named by paths.

With `each`, the elements of a document are the rows, and know its fields.
"""

from __future__ import annotations

import duckdb

from models.file_terms import FileFormat
from models.json_paths import levels_up, steps
from orchestration.ingest.formats.json_paths import elements_sql, nested_elements_sql, text_sql
from orchestration.ingest.formats.readable import ReadableFile
from orchestration.ingest.quoting import text_literal
from orchestration.ingest.refusal import ExportRefused

# A document of one patient with everything in it is a few megabytes.
_LONGEST_LINE = 256 << 20
# A line is one cell. JSON never holds these signs as they are, and nothing holds all of them in this order.
_NO_DELIMITER = "\x1f\x1e\x1d\x1c"


def scan_documents(
    connection: duckdb.DuckDBPyConnection, table: str, files: list[ReadableFile], names: list[str]
) -> None:
    """Makes `table` (c0, c1 … of the paths `names`, `_path`, `_row`, with `each` also `_element`, counted from 1).

    Adds lines that are no JSON to `broken_rows`.

    Raises:
        ExportRefused: a document as a whole is no JSON, or does not hold its rows where the profile says.
    """
    if files[0].format is FileFormat.NDJSON:
        _scan_lines(connection, files)
    else:
        _scan_whole(connection, files)
    each = files[0].terms.each
    query = _documents(names) if each is None else _elements(names, each)
    connection.execute(f"create temp table {table} as {query}; drop table documents")


def _documents(names: list[str]) -> str:
    """SELECT of a row for each of `documents`."""
    columns = "".join(f"{text_sql('document', name)} as c{number}, " for number, name in enumerate(names))
    return f"select {columns}_path, _row from documents"


def _elements(names: list[str], each: str) -> str:
    """SELECT of a row for each element that `each` finds; a document without any gives none."""
    elements = nested_elements_sql("document", each)
    around, inside = [], []
    for number, name in enumerate(names):
        if levels := levels_up(name):
            inside.append(f"{text_sql(f'nested[-{levels}]', name)} as c{number}, ")
        else:
            # Once for each document, however many elements it has.
            around.append(f"{text_sql('document', name)} as c{number}, ")
            inside.append(f"c{number}, ")
    return f"""
        select {"".join(inside)}_path, _row, _element
        from (
            select * exclude (elements), unnest(elements) as nested, generate_subscripts(elements, 1) as _element
            from (select {"".join(around)}_path, _row, {elements} as elements from documents)
        )
    """


def _scan_lines(connection: duckdb.DuckDBPyConnection, files: list[ReadableFile]) -> None:
    query = f"""
        create temp table lines as
        select line, _path
        from read_csv(
            [{", ".join(text_literal(str(file.path)) for file in files)}],
            auto_detect = false, header = false, columns = {{'line': 'VARCHAR'}}, filename = '_path',
            delim = {text_literal(_NO_DELIMITER)}, quote = '', escape = '', max_line_size = {_LONGEST_LINE}
        )
        """
    try:
        connection.execute(query)
    except (duckdb.InvalidInputException, UnicodeDecodeError):
        # DuckDB's message quotes the line, cut to a number of bytes, which may be inside a letter.
        suspects = [file for file in files if file.path.stat().st_size > _LONGEST_LINE] or files
        problems = [file.landed.problem("the file cannot be read line by line", "Export it again") for file in suspects]
        raise ExportRefused(problems) from None
    connection.execute(
        """
        create temp table numbered_lines as
        select line, _path, rowid - min(rowid) over (partition by _path) + 1 as _row, json_valid(line) as is_json
        from lines
        """
    )
    connection.execute(
        """
        insert into broken_rows
        select _path, _row, 'the line is no JSON' from numbered_lines where trim(line) <> '' and not is_json
        """
    )
    connection.execute(
        "create temp table documents as select line as document, _path, _row from numbered_lines where is_json"
    )
    connection.execute("drop table lines; drop table numbered_lines")


def _scan_whole(connection: duckdb.DuckDBPyConnection, files: list[ReadableFile]) -> None:
    connection.execute("create temp table documents (document varchar, _path varchar, _row bigint)")
    problems = []
    for file in files:
        content = file.path.read_text(encoding="utf-8-sig")
        is_json, is_array = connection.execute(
            "select json_valid($1), case when json_valid($1) then json_type($1) = 'ARRAY' end", [content]
        ).fetchall()[0]
        if not is_json:
            problems.append(file.landed.problem("the file is no JSON", "Export it again, or set `format: ndjson`"))
            continue
        rows = file.terms.rows or ("$[*]" if is_array else "$")
        if not _has_rows(connection, content, rows):
            reason = f"the document holds nothing at '{rows}', where the profile says that its rows are"
            problems.append(file.landed.problem(reason, "Correct `rows` in the profile, or export it again"))
            continue
        connection.execute(
            f"""
            insert into documents
            select cast(unnest(found) as varchar), $2, generate_subscripts(found, 1)
            from (select {elements_sql("cast($1 as json)", rows)} as found)
            """,
            [content, str(file.path)],
        )
    if problems:
        raise ExportRefused(problems)


def _has_rows(connection: duckdb.DuckDBPyConnection, content: str, rows: str) -> bool:
    """Whether the document has the list in which rows should be, be it empty."""
    first = steps(rows)[0]
    ((kind,),) = connection.execute("select json_type($1, $2)", [content, first.plain]).fetchall()
    return bool(kind == "ARRAY" if first.fans_out else kind)
