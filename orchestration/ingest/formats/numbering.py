"""Numbers rows as a person finds them in the landed file, though broken ones and titles are not in the table."""

from __future__ import annotations

from orchestration.ingest.quoting import text_literal


def numbered_rows(table: str, only_path: str | None, *, has_header: bool, has_broken: bool, has_left_out: bool) -> str:
    """SELECT of `table` with `_path` and `_row`: below the header, which is row 1 of a file as read, if it had one.

    `broken_rows` (_path, _row) are counted in the file as read, `left_out` (_path, _row) in the landed file. A table
    of one file alone, `only_path`, does not repeat its path on every row.
    """
    first_row = 2 if has_header else 1
    if only_path is not None:
        path = text_literal(only_path)
        query = f"select rows.*, {path} as _path, rows.rowid + {first_row} as _row from {table} as rows"
    else:
        query = f"""
            select rows.*, rows.rowid - firsts.first_rowid + {first_row} as _row
            from {table} as rows
            join (select _path, min(rowid) as first_rowid from {table} group by _path) as firsts using (_path)
        """
    if has_broken:
        query = _counting(query, "broken_rows")
    return _counting(query, "left_out") if has_left_out else query


def numbered_broken_rows(*, has_left_out: bool) -> str:
    """SELECT of `broken_rows`, numbered as in the landed file."""
    query = "select * from broken_rows"
    return _counting(query, "left_out") if has_left_out else query


def _counting(query: str, missing: str) -> str:
    """`query` with the rows of `missing` counted: the k-th of them, on row r, moves every row from r − k + 1 on."""
    return f"""
        select rows.* replace (rows._row + coalesce(missing.rows_before, 0) as _row)
        from ({query}) as rows
        asof left join (
            select _path, _row - rows_before + 1 as moves_from, rows_before
            from (
                select _path, _row, row_number() over (partition by _path order by _row) as rows_before from {missing}
            )
            qualify rows_before = max(rows_before) over (partition by _path, _row - rows_before)
        ) as missing
        on rows._path = missing._path and rows._row >= missing.moves_from
    """
