"""Builds the SELECT that turns rows of text into typed ones, and says of each row what cannot be typed.

Nothing is sniffed and nothing is guessed: what does not fit the contract is an entry of `_problems`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.contracts import Column, Contract, Privacy, year_column
from models.source_columns import named_columns
from models.source_terms import EntityMapping, Lookup
from models.sources import Profile
from orchestration.ingest.mapping.joined_rows import lookup_flags
from orchestration.ingest.mapping.numbers import NumberFormat
from orchestration.ingest.mapping.origins import computable, named_text, tried, trying
from orchestration.ingest.mapping.problems import Problem, problems_of
from orchestration.ingest.mapping.typed_column import TypedColumn
from orchestration.ingest.quoting import escaped
from orchestration.ingest.source_rows import PLACE
from orchestration.privacy.patterns import shown_sql

# Expressions of an entity rather than of a column, and the flags that tell that one of them failed.
_OF_ENTITY = {"where": "f_where", "deleted_when": "f_deleted_when"}


@dataclass(frozen=True)
class TypedSelect:
    """Writes the SELECT for one entity of one source. `has_typed_cells`: the rows are of workbooks or Parquet.

    `around` is a day near which the moments of the rows lie.
    """

    profile: Profile
    mapping: EntityMapping
    contract: Contract
    around: date
    has_typed_cells: bool = False
    # An expression that fails on a row quarantines the row instead of failing the query; that costs a second look.
    tries: bool = False

    @property
    def columns(self) -> list[TypedColumn]:
        """Mapped columns that are kept. Dropped ones are not even read: no message can then quote a name or a phone."""
        dropped = {name for name, column in self.contract.columns.items() if column.privacy is Privacy.DROP}
        beside_names = not dropped.isdisjoint(self.mapping.columns)
        return [
            TypedColumn(
                name,
                column,
                self.mapping.columns[name],
                self.mapping,
                self.profile,
                self.has_typed_cells,
                self.around,
                self.tries,
                beside_names,
            )
            for name, column in self._kept().items()
            if name in self.mapping.columns
        ]

    @property
    def where(self) -> str:
        """The row filter as SQL; a row on which it cannot be computed stays, to be quarantined."""
        if self.mapping.where is None:
            return ""
        if self.tries:
            return f" where {tried('where')} is null or {tried('where')}.v"
        return f" where {computable(self.mapping.where, self._numbers)}"

    @property
    def _numbers(self) -> NumberFormat:
        return NumberFormat.of(self.mapping.text)

    def _rows(self, relation: str) -> str:
        return trying(relation, self.mapping, self._numbers) if self.tries else relation

    def pseudonyms_sql(self, relation: str) -> str | None:
        """SELECT of each text that is coded and its `code`, once for each `way` to; None if no column is coded."""
        coded = [column for column in self.columns if column.is_coded]
        if not coded:
            return None
        rows = f"{self._rows(relation)}{self.where}"
        # A patient stands on many rows; a keyed hash costs more than a join.
        texts: dict[str, list[str]] = {}
        for column in coded:
            texts.setdefault(column.code, []).append(f"select {column.text} as text from {rows}")
        once = {code: f"select distinct text from ({' union all '.join(of)})" for code, of in texts.items()}
        return " union all ".join(
            f"select {number} as way, text, {code} as code from ({of}) where text is not null"
            for number, (code, of) in enumerate(once.items())
        )

    def sql(self, relation: str, pseudonyms: str) -> str:
        """SELECT of the stored columns, `_source`, `_export_date`, `_file`, `_row`, `_is_deleted` and `_problems`.

        `relation` has the columns of the rows as text, and those of `PLACE`; `pseudonyms` is the table of
        `pseudonyms_sql`.
        """
        columns = self.columns
        flags = self._flags()
        texts = [f"{column.text} as t_{column.name}" for column in columns]
        texts += [f"{sql} as {name}" for name, sql in flags.items()]
        texts += [f"{hidden} as {name}" for name, hidden in PLACE.items()]
        coded = [column for column in columns if column.is_coded]
        ways = list(dict.fromkeys(column.code for column in coded))
        joins = "".join(
            f"\n    left join {pseudonyms} as p_{column.name}"
            f" on t_{column.name} = p_{column.name}.text and p_{column.name}.way = {ways.index(column.code)}"
            for column in coded
        )
        mapped = [f"{sql} as m_{column.name}" for column in columns if (sql := column.mapped_text)]
        mapped += [f"p_{column.name}.code as c_{column.name}" for column in coded]
        clocks = [f"{sql} as l_{column.name}" for column in columns if (sql := column.wall_clock)]
        values = [f"{column.value} as v_{column.name}" for column in columns]
        stored = [self._stored(name, column) for name, column in self._kept().items()]
        problems = [*(found for column in columns for found in problems_of(column)), *self._lookup_problems()]
        problems += [_failing(key, flag) for key, flag in _OF_ENTITY.items() if flag in flags]
        return f"""
with texts as (
    select
        {_listed(texts)}
    from {self._rows(relation)}{self.where}
){self._distinct([*(f"t_{column.name}" for column in columns), *flags])},
mapped as (
    select {_listed(["texts.*", *mapped])}
    from {"distinct_texts" if self.mapping.distinct else "texts"} as texts{joins}
),
clocked as (
    select {_listed(["*", *clocks])}
    from mapped
),
typed as (
    select {_listed(["*", *values])}
    from clocked
)
select
    {_listed(stored)},
    '{self.profile.source}' as _source,
    _export_date,
    _file,
    _row,
    _is_deleted,
    -- Few rows have one: only these pay for saying what it is.
    case when {" or ".join(problem.condition for problem in problems) or "false"} then list_filter([
        {_listed([f"case when {problem.condition} then {problem.entry} end" for problem in problems]) or "null"}
    ], lambda problem: problem is not null) else [] end as _problems
from typed
"""

    def _flags(self) -> dict[str, str]:
        flags = {name: sql for column in self.columns for name, sql in column.flags.items()}
        for name, lookup in self.mapping.lookups.items():
            missing, contradiction = lookup_flags(name)
            flags |= {missing: missing, contradiction: contradiction}
            is_told = f"{missing} or {contradiction} is not null"
            flags[f"k_{name}"] = f"case when {is_told} then {self._key_shown(lookup)} end"
        flags["_is_deleted"] = f"coalesce({self._is_deleted()}, false)"
        if self.tries:
            written = [key for key in _OF_ENTITY if getattr(self.mapping, key)]
            flags |= {_OF_ENTITY[key]: f"{tried(key)} is null" for key in written}
        return flags

    def _key_shown(self, lookup: Lookup) -> str:
        """SQL of the key that a look-up lacks, as far as it is a code: a name, or what is kept private, is hidden."""
        private = {name for name, column in self.contract.columns.items() if column.privacy}
        secret = {used for key, used in named_columns(self.mapping) if key[0] == "columns" and key[1] in private}
        if not secret.isdisjoint(lookup.by):
            return "null"
        keys = " || ', ' || ".join(named_text(column, lookup.match) for column in lookup.by)
        return shown_sql(keys, beside_names=True)

    def _is_deleted(self) -> str:
        condition = self.mapping.deleted_when
        if condition is None:
            return "false"
        return f"{tried('deleted_when')}.v" if self.tries else f"({computable(condition, self._numbers)})"

    def _distinct(self, keys: list[str]) -> str:
        if not self.mapping.distinct:
            return ""
        names = ", ".join(keys)
        return f""",
distinct_texts as (
    -- Several rows describe one thing: the first of equal ones stands for all, by its own file and row.
    select {names}, _export_date, min(_file) as _file, arg_min(_row, (_file, _row)) as _row
    from texts
    group by {names}, _export_date
)"""

    def _kept(self) -> dict[str, Column]:
        return {n: column for n, column in self.contract.columns.items() if column.privacy is not Privacy.DROP}

    def _stored(self, name: str, column: Column) -> str:
        is_mapped = name in self.mapping.columns
        if column.privacy is Privacy.YEAR:
            year = f"year(v_{name})::bigint" if is_mapped else "null::bigint"
            return f"{year} as {year_column(name)}"
        return f"v_{name} as {name}" if is_mapped else f"null::{column.type.sql_type} as {name}"

    def _lookup_problems(self) -> list[Problem]:
        found = []
        for name, lookup in self.mapping.lookups.items():
            missing, contradiction = lookup_flags(name)
            of_it, key = escaped(f"{lookup.file} has"), escaped(", ".join(lookup.by.values()))
            told = f"'column_name': '{escaped(', '.join(lookup.by))}', 'value': k_{name}"
            two = f"'{of_it} two rows with this {key} that say different things: ' || {contradiction}"
            entry = f"{{{told}, 'rule': 'contradictory_lookup', 'reason': {two}}}"
            found.append(Problem(f"{contradiction} is not null", entry))
            if lookup.required:
                entry = f"{{{told}, 'rule': 'not_in_lookup', 'reason': '{of_it} no row with this {key}'}}"
                found.append(Problem(missing, entry))
        return found


def _listed(items: list[str]) -> str:
    return ",\n        ".join(items)


def _failing(key: str, flag: str) -> Problem:
    reason = f"{key} in the profile cannot be computed on this row"
    return Problem(flag, f"{{'column_name': null, 'value': null, 'rule': 'not_computable', 'reason': '{reason}'}}")
