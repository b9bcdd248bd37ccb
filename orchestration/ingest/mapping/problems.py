"""SQL of what may be wrong with a column of a row: a condition, and the entry that quarantine shows for it."""

from __future__ import annotations

from dataclasses import dataclass

from models.contracts import ColumnType
from models.source_terms import NUMERIC_TYPES
from orchestration.ingest.mapping.typed_column import TypedColumn
from orchestration.ingest.quoting import escaped
from orchestration.privacy.patterns import shown_sql

_UNREADABLE_RULES = {
    ColumnType.BOOLEAN: "not_a_yes_or_no",
    ColumnType.DATE: "not_a_date",
    ColumnType.TIME: "not_a_time",
    ColumnType.TIMESTAMP: "not_a_date_and_time",
}


@dataclass(frozen=True)
class Problem:
    """`condition` holds for a row that has the problem; `entry` is the SQL struct that tells of it."""

    condition: str
    entry: str


def problems_of(column: TypedColumn) -> list[Problem]:
    """Everything that may be wrong with a column."""
    name, mapping = column.name, column.mapping
    text, value = f"t_{name}", f"v_{name}"
    mark = escaped(column.numbers.decimal_mark)
    is_known = "" if mapping.value_map is None else f" and m_{name} is not null"
    found = []
    if f"f_{name}" in column.flags:
        reason = "'the expression in the profile cannot be computed on this row'"
        found.append(_problem(column, f"f_{name}", "'not_computable'", reason, "null"))
    if f"u_{name}" in column.flags:
        reason = _no_number(f"u_{name}", mark)
        found.append(_problem(column, f"u_{name} is not null", "'not_a_number'", reason, f"u_{name}"))
    if mapping.value_map is not None and mapping.otherwise is None:
        known = escaped(", ".join(mapping.value_map))
        reason = f"'the value is not in the profile''s value map of {name}; it knows: {known}'"
        found.append(_problem(column, f"{text} is not null and m_{name} is null", "'unknown_value'", reason, text))
    if column.type in NUMERIC_TYPES:
        unfit = f"{text} is not null and {value} is null{is_known}"
        found.append(_problem(column, unfit, *_number_fault(column, mark), text))
    elif column.type is not ColumnType.STRING:
        unreadable = f"{text} is not null and {value} is null{is_known}"
        rule = f"'{_UNREADABLE_RULES[column.type]}'"
        found.append(_problem(column, unreadable, rule, f"'{_unreadable(column)}'", text))
    if column.column.required:
        # What could not be computed has been told already.
        is_missing = f"{text} is null" + (f" and not f_{name}" if f"f_{name}" in column.flags else "")
        is_missing += f" and u_{name} is null" if f"u_{name}" in column.flags else ""
        found.append(_problem(column, is_missing, "'required'", "'empty, but required'", "null"))
    return found


def _problem(column: TypedColumn, condition: str, rule: str, reason: str, value: str) -> Problem:
    """`rule`, `reason` and `value` are SQL; a private value is never shown."""
    shown = "null" if column.column.privacy or value == "null" else shown_sql(value, beside_names=column.beside_names)
    entry = f"{{'column_name': '{column.name}', 'value': {shown}, 'rule': {rule}, 'reason': {reason}}}"
    return Problem(f"({condition})", entry)


def _number_fault(column: TypedColumn, mark: str) -> tuple[str, str]:
    """SQL of rule and reason of a text that is no number of the column's type."""
    if column.type is ColumnType.INTEGER:
        return "'not_a_whole_number'", "'not a whole number'"
    digits = 2 if column.type is ColumnType.AMOUNT else 4
    is_none = f"{column.exact_number} is null"
    is_large = f"try_cast({column.exact_number} as {column.type.sql_type}) is null"
    rule = f"case when {is_none} then 'not_a_number' when {is_large} then 'too_large' else 'too_precise' end"
    reason = (
        f"case when {is_none} then {_no_number(f't_{column.name}', mark)} "
        f"when {is_large} then 'the number does not fit {column.type.sql_type}' "
        f"else 'the number has more than {digits} decimals' end"
    )
    return rule, reason


def _no_number(text: str, mark: str) -> str:
    """SQL of the reason; the remedy where a word or a sign of money stands beside digits."""
    beside_words = f"regexp_matches({text}, '[0-9]') and regexp_matches({text}, '\\p{{L}}|\\p{{Sc}}')"
    remedy = "if words belong to the number, name them in text.number_words"
    return f"'not a number with the decimal mark {mark}' || case when {beside_words} then '; {remedy}' else '' end"


def _unreadable(column: TypedColumn) -> str:
    match column.type:
        case ColumnType.BOOLEAN:
            words = column.profile.booleans
            return f"not a yes or no; the profile knows: {escaped(', '.join([*words['true'], *words['false']]))}"
        case _:
            return f"not a {column.type} written as {escaped(' or '.join(column.formats))}"
