"""Turns a guessed match into the mapping of a column: value map, format, parts put together, sign of refunds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.contracts import ColumnType, Contract
from models.source_terms import SIGNED_TYPES
from models.synonyms import Synonyms
from orchestration.ingest.quoting import column_name, text_literal
from orchestration.profiling.entities import Guess
from orchestration.profiling.evidence import Evidence
from orchestration.profiling.habits import DateOrder, column_formats, percent
from orchestration.profiling.matching import Match, code_of, name_likeness, truth_of
from orchestration.profiling.shapes import Kind
from orchestration.profiling.tables import Table
from orchestration.profiling.words import likeness, stems

_DATE_WORDS = {"date", "time", "at", "дата", "время", "day"}
# Entities of whose moments the hours matter.
_SCHEDULES = ("appointments", "shifts", "slots")
# Below this a person should look at the guess.
_DOUBT = 0.7
_DIRT = 0.01


@dataclass(frozen=True)
class ColumnDraft:
    """One line of a profile: the mapping of a canonical column (None: left out, a person must decide)."""

    name: str
    mapping: Any
    comment: str
    decide: bool = False
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntityContext:
    """What the mapping of a column may look at."""

    guess: Guess
    table: Table
    evidence: tuple[Evidence, ...]
    contract: Contract
    synonyms: Synonyms
    order: DateOrder
    # Formats and words that the profile will say once for all columns.
    formats: dict[str, list[str]]
    booleans: dict[str, list[str]]
    # Required columns that a constant can say as long as nobody knows better.
    constants: dict[str, str]
    # Clinics export into folders of their own: what names no clinic is of the folder's.
    in_clinic_folders: bool

    def header(self, number: int) -> str:
        return self.table.header[number]


def draft_columns(context: EntityContext) -> list[ColumnDraft]:
    """Every column of the contract that is mapped or required, in the contract's order."""
    matches = {match.column: match for match in context.guess.matches}
    refund = _refund_condition(context, matches)
    drafts = []
    for name, column in context.contract.columns.items():
        if name in matches:
            drafts.append(_mapped(context, matches[name], refund))
        elif column.required and not (name == "clinic_id" and context.in_clinic_folders):
            drafts.append(_required(context, name, matches, refund))
    return drafts


def _mapped(context: EntityContext, match: Match, refund: str | None) -> ColumnDraft:
    column = context.contract.columns[match.column]
    header = context.header(match.header)
    evidence = context.evidence[match.header]
    comment = f"{percent(match.score)}: {', '.join(match.reasons)}"
    mapping: dict[str, Any] = {"from": header}
    headers = [header]
    questions: list[str] = ["is it?"] if match.score < _DOUBT else []
    if column.codes:
        words = context.synonyms.codes_of(context.contract.entity, match.column)
        known = {text: code_of(text, words, set(column.codes)) for text in evidence.words}
        mapping["values"] = {text: code for text, code in known.items() if code}
        if question := _code_question(evidence, known, list(column.codes)):
            questions.append(question)
        if not mapping["values"]:
            # A map of nothing would refuse every row; without one the text must be the code itself.
            del mapping["values"]
    elif match.is_opposite:
        yes, no = (context.booleans.get(said, [said])[0] for said in ("true", "false"))
        mapping["values"] = {text: no if truth_of(text, context.synonyms) else yes for text in evidence.words}
    elif column.type in (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.TIME):
        sql = _with_date(context, match) if column.type is ColumnType.TIMESTAMP else None
        if sql:
            mapping, date_header = {"sql": sql[0]}, sql[1]
            headers.append(date_header)
            comment += f"; {sql[3]} in '{date_header}'"
        elif _is_mere_day(context, column.type, evidence):
            questions.append("days without a time: every one would begin at midnight. Which column has the time?")
        own = sql[2] if sql else _own_formats(context.table, evidence, column.type, context.order)
        if own and not set(own) <= set(context.formats.get(column.type.value, [])):
            mapping["format"] = own[0] if len(own) == 1 else own
    elif refund and _turns(column.type, match.column, evidence):
        mapping["negate_when"] = refund
        comment += "; refunds are written without a sign"
    short = mapping["from"] if set(mapping) == {"from"} else mapping
    if questions:
        comment = f"{'; '.join(questions)} ({comment})"
    return ColumnDraft(match.column, short, comment, bool(questions), tuple(headers))


def _is_mere_day(context: EntityContext, kind: ColumnType, evidence: Evidence) -> bool:
    """Whether a moment of the schedule has no time: no hour of a room can be told by it."""
    is_moment = kind is ColumnType.TIMESTAMP and context.contract.entity in _SCHEDULES
    return is_moment and evidence.share(Kind.DATE) > 0.8


def _turns(kind: ColumnType, name: str, evidence: Evidence) -> bool:
    """Whether refunds turn the sign of a column that has none; what was spent is not given back."""
    return kind in SIGNED_TYPES and "cost" not in name and evidence.negative < _DIRT * evidence.filled


def _code_question(evidence: Evidence, known: dict[str, str | None], codes: list[str]) -> str | None:
    lacking = [text for text, code in known.items() if not code]
    if evidence.words and not lacking:
        return None
    allowed = f"known codes: {', '.join(codes)}"
    if len(lacking) < len(known):
        listed = ", ".join(f"'{text}' ({evidence.words[text]:,}×)" for text in lacking)
        return f"which code is {listed}? {allowed}"
    # Words that nothing is known of may be anybody's name: they are for the eyes of who runs the check.
    return f"map its {evidence.distinct:,} values, which `triune source check` lists; {allowed}"


def _required(context: EntityContext, name: str, matches: dict[str, Match], refund: str | None) -> ColumnDraft:
    """A required column that no header was found for: what stands in for it, or nothing."""
    own = context.synonyms.entities.get(context.contract.entity)
    other = own.stand_ins.get(name) if own else None
    if other in matches:
        # With its sign and its format: a refund is one in both.
        same = _mapped(context, matches[other], refund)
        comment = f"required, and no column of its own; taken from {other}"
        return ColumnDraft(name, same.mapping, comment, True, same.headers)
    text = context.constants.get(name) or (own.defaults.get(name) if own else None)
    if text:
        constant = context.booleans.get(text, [text])[0] if text in ("true", "false") else text
        return ColumnDraft(name, {"constant": constant}, "required, and no column for it; does this hold?", True)
    return ColumnDraft(name, None, "required, and no column looks like it", True)


def _own_formats(table: Table, evidence: Evidence, kind: ColumnType, order: DateOrder) -> list[str]:
    """Formats of the values, of their own kind first: a timestamp may be a mere date, and the reverse."""
    wanted = Kind(kind.value)
    others = [Kind.DATE, Kind.TIMESTAMP] if wanted is not Kind.TIME else []
    for each in [wanted, *others]:
        if formats := column_formats(table, evidence, each, order):
            return formats
    return []


def _with_date(context: EntityContext, match: Match) -> tuple[str, str, list[str], str] | None:
    """SQL of a moment whose day and time are two columns, the other header, the format of both together, and what the
    other one holds."""
    kind = next((k for k in (Kind.TIME, Kind.DATE) if context.evidence[match.header].share(k) > 0.8), None)
    if kind is None:
        return None
    name = context.header(match.header)
    other_kind = Kind.DATE if kind is Kind.TIME else Kind.TIME
    topic = set(stems(name)) - _DATE_WORDS
    candidates = [
        number for number in range(len(context.table.header)) if context.evidence[number].share(other_kind) > 0.8
    ]
    alike = [number for number in candidates if set(stems(context.header(number))) - _DATE_WORDS == topic]
    if kind is Kind.TIME:
        best = (alike or _best_dates(context, candidates))[:1]
    else:
        best = (alike or _best_times(context, match.column, candidates))[:1]
    if not best:
        return None
    other = context.header(best[0])
    day, time = (other, name) if kind is Kind.TIME else (name, other)
    day_number, time_number = (best[0], match.header) if kind is Kind.TIME else (match.header, best[0])
    days = column_formats(context.table, context.evidence[day_number], Kind.DATE, context.order)[:1]
    times = column_formats(context.table, context.evidence[time_number], Kind.TIME, context.order)[:1]
    # A day alone is no moment: where the time is not filled, neither is it.
    sql = f"{column_name(day)} || ' ' || nullif({column_name(time)}, '')"
    what = "the day is" if kind is Kind.TIME else "the time is"
    return sql, other, [f"{a} {b}" for a in days for b in times], what


def _best_dates(context: EntityContext, candidates: list[int]) -> list[int]:
    """Of several dates the one that names what the table is about, such as `visit_date` among visits."""
    topic = [context.contract.entity, "date", "дата"]
    return sorted(
        candidates, key=lambda number: (-max(likeness(context.header(number), word) for word in topic), number)
    )


def _best_times(context: EntityContext, column: str, candidates: list[int]) -> list[int]:
    """Times whose name says the column by itself, the best first: `Время начала` beside a date of visits."""
    entity = context.contract.entity
    named = {number: name_likeness(context.header(number), entity, column) for number in candidates}
    return sorted((number for number in named if named[number]), key=lambda number: (-named[number], number))


def _refund_condition(context: EntityContext, matches: dict[str, Match]) -> str | None:
    """SQL of rows that give back, where a column says so by a word."""
    kind = matches.get("payment_kind")
    # A doubtful guess does not keep a word from saying what it says.
    mapped = {match.header for match in matches.values() if match.score >= _DOUBT}
    for number, evidence in enumerate(context.evidence):
        if kind and number != kind.header:
            continue
        if not kind and (number in mapped or context.contract.entity != "service_lines"):
            continue
        words = list(context.synonyms.refunds)
        if kind:
            codes = context.synonyms.codes_of(context.contract.entity, "payment_kind")
            words += ["refund", "chargeback", *codes.get("refund", []), *codes.get("chargeback", [])]
        back = [text for text in evidence.words if any(likeness(text, word) >= 0.94 for word in words)]
        if back and len(back) < len(evidence.words):
            listed = ", ".join(text_literal(text) for text in back)
            name = column_name(context.header(number))
            return f"{name} = {listed}" if len(back) == 1 else f"{name} in ({listed})"
    return None
