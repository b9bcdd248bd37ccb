"""Gathers what the values of a column tell, over all its rows: kind and format, uniqueness, words, whether personal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import duckdb

from orchestration.profiling.shapes import Kind, Reading, read_shape, shape_sql, words_beside
from orchestration.profiling.tables import DAY, FILE, Table

# Shapes and words beyond these are no format and no code list.
_SHAPES = 60
MOST_WORDS = 40
_PERSONAL = {
    "e-mail": r"[^@\s]+@[^@\s]+\.[\p{L}]{2,}",
    "phone": r"(\+\d|8[ (-])[\d ()-]{9,16}|\+?7\d{10}|\(?\d{3}\)?[ -]\d{3}[ -]\d{2}[ -]?\d{2}",
    "document": r"\d{3}-\d{3}-\d{3} \d{2}|\d{3}-\d{2}-\d{4}|\d{2} \d{2} \d{6}",
    "name": r"[А-ЯЁ][А-ЯЁа-яё-]+ [А-ЯЁ][А-ЯЁа-яё-]+ [А-ЯЁ][а-яёА-ЯЁ]*"
    r"(вич|вна|ична|инична|ьич|оглы|кызы|ВИЧ|ВНА|ИЧНА|ЬИЧ)|[А-ЯЁ][а-яё-]+ [А-ЯЁ]\. ?[А-ЯЁ]\.",
}
_MOSTLY = 0.6


@dataclass(frozen=True)
class Evidence:
    """What the values of one column tell. Counts are of filled cells; `shapes` are the most frequent ones."""

    rows: int
    filled: int
    distinct: int
    unique_share: float
    longest: int
    shapes: dict[str, int]
    # Dates that only make sense with the day first, and those that only do with the month first.
    day_first: int
    month_first: int
    negative: int
    personal: str | None
    words: dict[str, int] = field(default_factory=dict)
    # Words beside the digits of its numbers, as they are written.
    number_words: dict[str, int] = field(default_factory=dict)

    @cached_property
    def readings(self) -> dict[Reading, int]:
        """Reading → filled cells."""
        counts: Counter[Reading] = Counter()
        for shape, count in self.shapes.items():
            counts[read_shape(shape)] += count
        return dict(counts)

    @cached_property
    def kinds(self) -> dict[Kind, float]:
        """Kind → share of the filled cells."""
        counts: Counter[Kind] = Counter()
        for reading, count in self.readings.items():
            counts[reading.kind] += count
        return {kind: count / self.filled for kind, count in counts.items()} if self.filled else {}

    def share(self, *kinds: Kind) -> float:
        return sum(self.kinds.get(kind, 0.0) for kind in kinds)

    @property
    def filled_share(self) -> float:
        return self.filled / self.rows if self.rows else 0.0

    @property
    def is_key_like(self) -> bool:
        """Whether nearly every row has a value of its own; a few repeated rows are dirt."""
        return self.filled_share > 0.98 and self.unique_share > 0.98


def gather(connection: duckdb.DuckDBPyConnection, table: Table) -> tuple[Evidence, ...]:
    """Evidence of each column of `table`."""
    return tuple(_of_column(connection, table, f"c{number}") for number in range(len(table.header)))


def _of_column(connection: duckdb.DuckDBPyConnection, table: Table, column: str) -> Evidence:
    source = f"from {table.relation}"
    first, second = (
        f"try_cast(regexp_extract({column}, '^(\\d{{1,2}})[./-](\\d{{1,2}})[./-]\\d{{2,4}}', {part}) as integer)"
        for part in (1, 2)
    )
    personal = "".join(f", count(*) filter (regexp_full_match({column}, $${regex}$$))" for regex in _PERSONAL.values())
    row = connection.execute(
        f"""
        select count(*), count({column}), count(distinct {column}), coalesce(max(length({column})), 0),
            count(*) filter ({first} between 13 and 31 and {second} between 1 and 12),
            count(*) filter ({first} between 1 and 12 and {second} between 13 and 31),
            count(*) filter (regexp_matches({column}, '^[-(][0-9]|^[0-9.,]+-$')){personal}
        {source}
        """
    ).fetchall()[0]
    rows, filled, distinct, longest, day_first, month_first, negative, *found = row
    unique = connection.execute(
        f"select sum(values)/sum(rows) from (select count(distinct {column}) as values, count({column}) as rows "
        f"{source} group by {DAY}, {FILE})"
    ).fetchall()[0][0]
    is_personal = next(
        (kind for kind, count in zip(_PERSONAL, found, strict=True) if filled and count > _MOSTLY * filled), None
    )
    shapes = connection.execute(
        f"select {shape_sql(column)} as shape, count(*) {source} where {column} is not null "
        f"group by shape order by count(*) desc, shape limit {_SHAPES}"
    ).fetchall()
    words = []
    # Words may be written into the draft: never those of a column in which anything looks like a person.
    if 0 < distinct <= MOST_WORDS and not any(found):
        words = connection.execute(
            f"select {column}, count(*) {source} where {column} is not null group by 1 order by 2 desc, 1"
        ).fetchall()
    number_words = connection.execute(
        f"select word, count(*) from (select unnest([{', '.join(words_beside(column))}]) as word {source}) "
        "where word <> '' group by 1 order by 2 desc, 1"
    ).fetchall()
    return Evidence(
        rows,
        filled,
        distinct,
        unique or 0.0,
        longest,
        dict(shapes),
        day_first,
        month_first,
        negative,
        is_personal,
        dict(words),
        dict(number_words),
    )
