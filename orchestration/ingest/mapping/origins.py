"""Where the text of a canonical column comes from: a column of the rows, an expression, a constant, a hash."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models import source_columns
from models.json_paths import JsonPathError, selects_many
from models.source_columns import lookup_of, named_columns, quoted_names
from models.source_terms import ColumnMapping, EntityMapping
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.quoting import column_name, text_literal

# Where a path begins in the name of a column: a look-up's stands behind the look-up's name.
_PATH = re.compile("[$@].*", re.DOTALL)
_NUMBER_CALL = re.compile(r'\bnumber\(\s*("(?:[^"]|"")+")\s*\)')


@dataclass(frozen=True)
class ColumnsUsed:
    """Columns that a mapping reads: of the entity's own files, and of each look-up. All are sorted."""

    own: list[str]
    lookups: dict[str, list[str]]
    # Columns of the rows before look-ups are joined: the own ones, or those that an unpivot makes of them.
    of_rows: list[str]


def columns_used(mapping: EntityMapping) -> ColumnsUsed:
    """The columns that `mapping` reads."""
    named = {name for _, name in named_columns(mapping)}
    lookups = {
        lookup: sorted(name.removeprefix(f"{lookup}.") for name in named if lookup_of(name, mapping) == lookup)
        for lookup in mapping.lookups
    }
    of_rows = {name for name in named if lookup_of(name, mapping) is None}
    own = set(of_rows)
    if mapping.fill_down:
        own = own - set(mapping.fill_down) | {name for sql in mapping.fill_down.values() for name in quoted_names(sql)}
    if mapping.unpivot:
        own = own - {mapping.unpivot.name, mapping.unpivot.value} | set(mapping.unpivot.columns)
    return ColumnsUsed(sorted(own), lookups, sorted(of_rows))


def expressions(mapping: EntityMapping) -> dict[str, str]:
    """Every SQL expression that the profile's author wrote, by its key: `columns.net_amount.sql`."""
    return {".".join(map(str, key)): text for key, text in source_columns.expressions(mapping).items()}


def computable(expression: str, numbers: NumberFormat) -> str:
    """The expression with number("column") spelled out: exact numbers have a point and all their digits."""
    return _NUMBER_CALL.sub(lambda call: numbers.exact(f"trim({call.group(1)})"), expression)


def tried(key: str) -> str:
    """Name of the column that holds what the expression of `key` gave: a struct with `v`, NULL where it failed."""
    return column_name(f"__triune_tried_{key}")


def trying(relation: str, mapping: EntityMapping, numbers: NumberFormat) -> str:
    """`relation` with every expression computed once, in a column `tried`.

    Once only: DuckDB takes an expression that stands twice out of its TRY.
    """
    attempts = [
        f"try({{'v': {computable(text, numbers)}}}) as {tried(key)}" for key, text in expressions(mapping).items()
    ]
    return f"(select rows.*, {', '.join(attempts)} from {relation} as rows)"


def origin_text(mapping: ColumnMapping, numbers: NumberFormat, result: str | None = None) -> str:
    """SQL of the text that a column is made from, trimmed; NULL if there is none.

    `result` is where the mapping's expression has been computed already.
    """
    if mapping.constant is not None:
        return text_literal(mapping.constant)
    if mapping.hash is not None:
        return _joined([_trimmed(column_name(name)) for name in mapping.hash])
    if mapping.sql is not None:
        text = _trimmed(f"cast(({result or computable(mapping.sql, numbers)}) as varchar)")
    else:
        return named_text(mapping.source_column or "", mapping.match)
    return _matched(text, mapping.match)


def named_text(name: str, match: str | None = None, relation: str | None = None) -> str:
    """SQL of the text in the column `name`, trimmed; with `match`, of the part that its group finds."""
    column = f"{relation}.{column_name(name)}" if relation else column_name(name)
    if holds_many(name):
        return _first_of_many(column, match)
    return _matched(_trimmed(column), match)


def holds_many(name: str) -> bool:
    """Whether a column holds a JSON array of the texts that its path finds."""
    path = _PATH.search(name)
    try:
        return path is not None and selects_many(path[0])
    except JsonPathError:  # a dollar or an at sign in the name of a column of a table
        return False


def number_calls(mapping: ColumnMapping) -> list[str]:
    """SQL of each text that the mapping's expression reads by number()."""
    return [_trimmed(name) for name in _NUMBER_CALL.findall(mapping.sql or "")]


def _trimmed(text: str) -> str:
    # Most texts are ASCII without a space, which is seen in a third of the time that trimming takes.
    may_need_it = f"contains({text}, ' ') or strlen({text}) <> length({text})"
    return f"nullif(case when {may_need_it} then trim({text}) else {text} end, '')"


def _matched(text: str, pattern: str | None) -> str:
    return text if pattern is None else f"nullif(regexp_extract({text}, {text_literal(pattern)}, 1), '')"


def _first_of_many(json_array: str, pattern: str | None) -> str:
    """The first text of a JSON array of texts, or the first that fits `pattern`."""
    texts = f"from_json({json_array}, '[\"VARCHAR\"]')"
    if pattern is not None:
        texts = f"list_filter({texts}, lambda text: regexp_matches(text, {text_literal(pattern)}))"
    return _matched(_trimmed(f"list_extract({texts}, 1)"), pattern)


def _joined(texts: list[str]) -> str:
    """One text of several, different for different ones; NULL if all of them are."""
    parts = " || '|' || ".join(f"coalesce('=' || replace({text}, '|', '||'), '~')" for text in texts)
    return f"case when coalesce({', '.join(texts)}) is not null then {parts} end"
