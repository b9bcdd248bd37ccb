"""Builds the SQL that turns a file's text columns into typed ones, and says of each row what cannot be typed.

One SELECT per file layout. Every canonical column becomes a text `t_<column>`, a typed `v_<column>` and, where the
text does not fit the type, an entry of `_problems`. Nothing is sniffed and nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.contracts import Column, ColumnType, Contract, Privacy, year_column
from models.source_terms import ColumnMapping, EntityMapping
from models.sources import Profile
from orchestration.ingest.pseudonyms import document_pseudonym_sql, pseudonym_sql
from orchestration.ingest.quoting import column_name, escaped, text_literal
from orchestration.privacy.patterns import masked_sql, shown_sql

_QUOTED_NAME = re.compile(r'"((?:[^"]|"")+)"')
_NUMBER_CALL = re.compile(r'\bnumber\(\s*("(?:[^"]|"")+")\s*\)')
# Where a row stands in the export, beside the file's own columns, which may have any name.
PLACE = {"_export_date": "__triune_export_date", "_file": "__triune_file", "_row": "__triune_row"}
# Spaces, also the no-break ones that spreadsheets group thousands with.
_GROUPING = "[\\s\\x{00A0}\\x{202F}]"

_UNREADABLE_RULES = {
    ColumnType.INTEGER: "not_a_whole_number",
    ColumnType.AMOUNT: "not_a_number",
    ColumnType.QUANTITY: "not_a_number",
    ColumnType.BOOLEAN: "not_a_yes_or_no",
    ColumnType.DATE: "not_a_date",
    ColumnType.TIME: "not_a_time",
    ColumnType.TIMESTAMP: "not_a_date_and_time",
}


def columns_used(mapping: EntityMapping) -> set[str]:
    """Columns of the file that the mapping reads."""
    used = {column.source_column for column in mapping.columns.values() if column.source_column}
    for expression in [mapping.where, *(c.sql for c in mapping.columns.values()), *_conditions(mapping)]:
        used |= {name.replace('""', '"') for name in _QUOTED_NAME.findall(expression or "")}
    return used


def _conditions(mapping: EntityMapping) -> list[str | None]:
    return [column.negate_when for column in mapping.columns.values()]


@dataclass(frozen=True)
class TypedSelect:
    """Writes the SELECT for one entity of one source."""

    profile: Profile
    mapping: EntityMapping
    contract: Contract
    from_sheet: bool = False

    def sql(self, relation: str) -> str:
        """SELECT of the stored columns, `_source`, `_export_date`, `_file`, `_row` and `_problems`.

        `relation` has the file's columns as text, and those of `PLACE`.
        """
        mapped = {name: self.mapping.columns[name] for name in self.contract.columns if name in self.mapping.columns}
        # Dropped columns are not even parsed: no error message can then quote a name or a phone.
        mapped = {name: m for name, m in mapped.items() if self.contract.columns[name].privacy is not Privacy.DROP}
        texts = ",\n        ".join(f"{self._text(name, mapping)} as t_{name}" for name, mapping in mapped.items())
        flags = {f"n_{name}": f"({m.negate_when})" for name, m in mapped.items() if m.negate_when}
        flags |= {f"u_{name}": self._unread_number(m) for name, m in mapped.items() if _number_calls(m)}
        flagged = "".join(f",\n        {expression} as {flag}" for flag, expression in flags.items())
        values = ",\n        ".join(f"{self._value(name, mapping)} as v_{name}" for name, mapping in mapped.items())
        stored = ",\n    ".join(self._stored(name, column, name in mapped) for name, column in self._kept().items())
        found = [problem for name, mapping in mapped.items() for problem in self._problems(name, mapping)]
        any_problem = "\n        or ".join(condition for condition, _ in found) or "false"
        problems = ",\n        ".join(f"case when {condition} then {entry} end" for condition, entry in found) or "null"
        where = f"\n    where {self.mapping.where}" if self.mapping.where else ""
        place = ", ".join(f"{hidden} as {name}" for name, hidden in PLACE.items())
        texts_relation = "distinct_texts" if self.mapping.distinct else "texts"
        keys = ", ".join([*(f"t_{name}" for name in mapped), *flags])
        distinct = (
            f""",
distinct_texts as (
    -- Several rows describe one thing: the first of equal ones stands for all.
    select {keys}, _export_date, min(_file) as _file, min(_row) as _row
    from texts
    group by {keys}, _export_date
)"""
            if self.mapping.distinct
            else ""
        )
        return f"""
with texts as (
    select
        {texts}{flagged},
        {place}
    from {relation}{where}
){distinct},
typed as (
    select
        *,
        {values}
    from {texts_relation}
)
select
    {stored},
    '{self.profile.source}' as _source,
    _export_date,
    _file,
    _row,
    -- Few rows have one: only these pay for saying what it is.
    case when {any_problem} then list_filter([
        {problems}
    ], problem -> problem is not null) else [] end as _problems
from typed
"""

    def _kept(self) -> dict[str, Column]:
        return {n: column for n, column in self.contract.columns.items() if column.privacy is not Privacy.DROP}

    def _text(self, name: str, mapping: ColumnMapping) -> str:
        if mapping.constant is not None:
            return text_literal(mapping.constant)
        if mapping.sql is not None:
            origin = _NUMBER_CALL.sub(lambda call: self._number(f"trim({call.group(1)})"), mapping.sql)
            return f"nullif(trim(cast(({origin}) as varchar)), '')"
        return f"nullif(trim({column_name(mapping.source_column or '')}), '')"

    def _unread_number(self, mapping: ColumnMapping) -> str:
        """The first text that a number() of the mapping's SQL cannot read; SQL alone would go on with NULL."""
        texts = [f"nullif(trim({name}), '')" for name in _number_calls(mapping)]
        return f"coalesce({', '.join(f'case when {self._number(text)} is null then {text} end' for text in texts)})"

    def _value(self, name: str, mapping: ColumnMapping) -> str:
        column, text = self.contract.columns[name], self._mapped_text(name, mapping)
        exact = mapping.sql is not None or mapping.constant is not None
        match column.type:
            case ColumnType.STRING:
                match column.privacy:
                    case Privacy.PSEUDONYMISE:
                        return pseudonym_sql(text)
                    case Privacy.DOCUMENT:
                        return document_pseudonym_sql(text)
                    case _:
                        # Texts from the profile itself are nobody's.
                        return text if mapping.values or mapping.constant else masked_sql(text)
            case ColumnType.INTEGER:
                return f"case when regexp_full_match({text}, '[+-]?[0-9]+') then try_cast({text} as bigint) end"
            case ColumnType.AMOUNT | ColumnType.QUANTITY:
                number = f"try_cast({text} as decimal(38,10))" if exact else self._number(text)
                return f"case when n_{name} then -{number} else {number} end" if mapping.negate_when else number
            case ColumnType.BOOLEAN:
                yes, no = (_literals(self.profile.booleans[key]) for key in ("true", "false"))
                return f"case when {text} in ({yes}) then true when {text} in ({no}) then false end"
            case ColumnType.DATE:
                return f"{_parsed(text, self._formats(column, mapping))}::date"
            case ColumnType.TIME:
                return f"{_parsed(text, self._formats(column, mapping))}::time"
            case ColumnType.TIMESTAMP:
                return self._moment(_parsed(text, self._formats(column, mapping)))

    def _mapped_text(self, name: str, mapping: ColumnMapping) -> str:
        if mapping.values is None:
            return f"t_{name}"
        cases = " ".join(
            f"when {text_literal(key)} then {text_literal(value)}" for key, value in mapping.values.items()
        )
        return f"(case t_{name} {cases} end)"

    def _number(self, text: str) -> str:
        """Exact number; a mark the profile does not use makes it unreadable rather than a thousand times larger."""
        mark = self.profile.text.decimal_mark
        # More than ten decimals would be rounded away unseen; 1e3, 1_000 and "12 5" are not numbers of an export.
        fraction = f"[{re.escape(mark)}][0-9]{{0,10}}"
        whole = f"(?:[0-9]+|[0-9]{{1,3}}(?:{_GROUPING}[0-9]{{3}})+)"
        shape = text_literal(f"[+-]?(?:{whole}(?:{fraction})?|{fraction})")
        digits = f"regexp_replace({text}, '{_GROUPING}', '', 'g')"
        number = digits if mark == "." else f"replace({digits}, {text_literal(mark)}, '.')"
        # Nearly every number is short, and DuckDB reads a short decimal sixty times faster than a long one.
        short = text_literal(f"[+-]?[0-9]{{1,9}}(?:[{re.escape(mark)}][0-9]{{0,8}})?")
        short_number = f"cast(try_cast(replace({text}, {text_literal(mark)}, '.') as decimal(18,8)) as decimal(38,10))"
        return (
            f"case when regexp_full_match({text}, {short}) then {short_number}"
            f" when regexp_full_match({text}, {shape}) then try_cast({number} as decimal(38,10)) end"
        )

    def _moment(self, local: str) -> str:
        """UTC of a wall-clock time. A zone is a constant of its branch: DuckDB looks a computed one up row by row."""
        rule = self.profile.time_zone
        if rule.column is None or rule.column not in self.mapping.columns:
            return _utc(local, rule.default)
        deciding = self._mapped_text(rule.column, self.mapping.columns[rule.column])
        cases = " ".join(f"when {text_literal(value)} then {_utc(local, zone)}" for value, zone in rule.values.items())
        return f"case {deciding} {cases} else {_utc(local, rule.default)} end" if cases else _utc(local, rule.default)

    def _formats(self, column: Column, mapping: ColumnMapping) -> list[str]:
        formats = self.profile.formats
        if mapping.format:
            return mapping.format
        if column.type is ColumnType.TIMESTAMP:
            # A spreadsheet keeps midnight as a bare date.
            return [*formats.timestamp, *(formats.date if self.from_sheet else [])]
        return formats.date if column.type is ColumnType.DATE else formats.time

    def _stored(self, name: str, column: Column, is_mapped: bool) -> str:
        if column.privacy is Privacy.YEAR:
            year = f"year(v_{name})::bigint" if is_mapped else "null::bigint"
            return f"{year} as {year_column(name)}"
        if not is_mapped:
            return f"null::{column.type.sql_type} as {name}"
        return f"try_cast(v_{name} as {column.type.sql_type}) as {name}"

    def _problems(self, name: str, mapping: ColumnMapping) -> list[tuple[str, str]]:
        """Condition and entry of everything that may be wrong with a column."""
        column = self.contract.columns[name]
        parts = []
        if _number_calls(mapping):
            value = self._quoted(column, f"u_{name}")
            mark = escaped(self.profile.text.decimal_mark)
            entry = _entry(name, value, "not_a_number", f"not a number with the decimal mark {mark}")
            parts.append((f"(u_{name} is not null)", entry))
        if mapping.values is not None:
            known = ", ".join(mapping.values)
            reason = f"the value is not in the profile''s value map of {name}; it knows: {escaped(known)}"
            parts.append(self._problem(name, f"{self._mapped_text(name, mapping)} is null", "unknown_value", reason))
        if column.type is not ColumnType.STRING:
            unreadable = f"v_{name} is null" + (
                f" and {self._mapped_text(name, mapping)} is not null" if mapping.values is not None else ""
            )
            parts.append(
                self._problem(name, unreadable, _UNREADABLE_RULES[column.type], self._unreadable(name, mapping))
            )
        if column.type in (ColumnType.AMOUNT, ColumnType.QUANTITY):
            digits = 2 if column.type is ColumnType.AMOUNT else 4
            inexact = f"v_{name} <> try_cast(v_{name} as {column.type.sql_type})"
            parts.append(self._problem(name, inexact, "too_precise", f"the number has more than {digits} decimals"))
            too_large = f"try_cast(v_{name} as {column.type.sql_type}) is null and v_{name} is not null"
            parts.append(self._problem(name, too_large, "too_large", f"the number does not fit {column.type.sql_type}"))
        if column.required:
            parts.append((f"(t_{name} is null)", _entry(name, "null", "required", "empty, but required")))
        return parts

    def _problem(self, name: str, condition: str, rule: str, reason: str) -> tuple[str, str]:
        value = self._quoted(self.contract.columns[name], f"t_{name}")
        return f"(t_{name} is not null and {condition})", _entry(name, value, rule, reason)

    def _quoted(self, column: Column, text: str) -> str:
        """SQL of what a message may quote of a column's text."""
        if column.privacy:
            return "null"
        dropped = {name for name, other in self.contract.columns.items() if other.privacy is Privacy.DROP}
        return shown_sql(text, beside_names=not dropped.isdisjoint(self.mapping.columns))

    def _unreadable(self, name: str, mapping: ColumnMapping) -> str:
        column = self.contract.columns[name]
        match column.type:
            case ColumnType.DATE | ColumnType.TIME | ColumnType.TIMESTAMP:
                return f"not a {column.type} written as {escaped(' or '.join(self._formats(column, mapping)))}"
            case ColumnType.BOOLEAN:
                known = [*self.profile.booleans["true"], *self.profile.booleans["false"]]
                return f"not a yes or no; the profile knows: {escaped(', '.join(known))}"
            case ColumnType.INTEGER:
                return "not a whole number"
            case _:
                return f"not a number with the decimal mark {escaped(self.profile.text.decimal_mark)}"


def _number_calls(mapping: ColumnMapping) -> list[str]:
    return _NUMBER_CALL.findall(mapping.sql or "")


def _utc(local: str, zone: str) -> str:
    return local if zone == "UTC" else f"timezone('UTC', timezone({text_literal(zone)}, {local}))"


def _entry(name: str, value: str, rule: str, reason: str) -> str:
    return f"{{'column_name': '{name}', 'value': {value}, 'rule': '{rule}', 'reason': '{reason}'}}"


def _literals(texts: list[str]) -> str:
    return ", ".join(text_literal(text) for text in texts)


def _parsed(text: str, formats: list[str]) -> str:
    """Date and time; DuckDB alone would take 05.01.26 for the year 26, and words such as "epoch" for 1900-01-01."""
    parsed = f"try_strptime({text}, [{_literals(formats)}])"
    is_word = f"year({parsed}) = 1900 and not regexp_matches({text}, '[0-9]')"
    return f"case when year({parsed}) >= 1000 and not ({is_word}) then {parsed} end"
