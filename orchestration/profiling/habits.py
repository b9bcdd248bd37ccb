"""Guesses what holds for a source as a whole: how it writes numbers, dates and yes or no, and how often it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.contracts import ColumnType
from models.file_terms import ISO_FORMAT, FileFormat, format_of
from models.synonyms import Synonyms
from orchestration.ingest.landing import LandedFile
from orchestration.profiling.evidence import Evidence
from orchestration.profiling.matching import truth_of
from orchestration.profiling.shapes import Kind, leaves_order_open, with_order
from orchestration.profiling.tables import Table

# A format of fewer values than this is dirt, not a habit.
_LEAST_SHARE = 0.01
# How the reader writes cells that are moments.
_OF_CELLS = ("%Y-%m-%d", ISO_FORMAT)


@dataclass(frozen=True)
class Guessed:
    """A value with the words that stand beside it. `decide`: a person must."""

    value: Any
    comment: str = ""
    decide: bool = False


@dataclass(frozen=True)
class DateOrder:
    """Whether the month stands first in dates that leave it open, and what that rests on."""

    month_first: bool
    guess: Guessed


def is_text(table: Table) -> bool:
    """Whether the table is of text files, which have an encoding, a delimiter and a decimal mark of their own."""
    return is_text_file(table.files[0].landed)


def is_text_file(file: LandedFile) -> bool:
    return format_of(file.member or file.path.name) in (FileFormat.CSV, FileFormat.TSV)


def is_typed(table: Table) -> bool:
    """Whether its cells may be numbers and moments rather than text."""
    file = table.files[0].landed
    return format_of(file.member or file.path.name).is_typed


def number_marks(evidence: Iterable[Evidence]) -> tuple[Guessed, str | None]:
    """The decimal mark, and the mark of thousands where there is one (spaces are understood anyway)."""
    decimals: Counter[str] = Counter()
    thousands: Counter[str] = Counter()
    open_ones: Counter[str] = Counter()
    for column in evidence:
        for reading, count in column.readings.items():
            if reading.kind not in (Kind.DECIMAL, Kind.WHOLE) or column.share(Kind.DECIMAL, Kind.WHOLE) < 0.5:
                continue
            if reading.is_grouped_alone and reading.decimal_mark:
                open_ones[reading.decimal_mark] += count
            elif reading.decimal_mark:
                decimals[reading.decimal_mark] += count
            if reading.thousands_mark and reading.thousands_mark.strip():
                thousands[reading.thousands_mark] += count
    mark = thousands.most_common(1)[0][0] if thousands else None
    if decimals:
        best, count = max(decimals.items(), key=lambda item: (item[1], item[0]))
        others = sum(decimals.values()) - count
        return Guessed(best, f"{_sure(count, others)}: {count:,} numbers with it, {others:,} with another"), mark
    if open_ones and not thousands:
        best = max(open_ones, key=lambda sign: (open_ones[sign], sign))
        return Guessed(best, f"numbers like 1{best}234: is it a decimal mark or one of thousands?", decide=True), None
    return Guessed("." if mark != "." else ",", "no number with decimals seen"), mark


def number_words(evidence: Iterable[Evidence]) -> Guessed:
    """Words that stand beside numbers, the most frequent first."""
    counts: Counter[str] = Counter()
    for column in evidence:
        if column.share(Kind.DECIMAL, Kind.WHOLE) > 0.5:
            counts.update(column.number_words)
    words = [word for word, _ in counts.most_common()]
    return Guessed(words, "beside numbers; they mean the clinic's own currency" if words else "")


def date_order(evidence: Iterable[Evidence]) -> DateOrder:
    """Day or month first, by the dates that only make sense one way, over all columns."""
    columns = list(evidence)
    day_first = sum(column.day_first for column in columns)
    month_first = sum(column.month_first for column in columns)
    is_open = any(leaves_order_open(reading.format or "") for column in columns for reading in column.readings)
    if not is_open:
        return DateOrder(False, Guessed(None))
    if not day_first and not month_first:
        return DateOrder(False, Guessed(None, "no date tells whether the day or the month comes first", decide=True))
    more, fewer = max(day_first, month_first), min(day_first, month_first)
    what = "month first" if month_first > day_first else "day first"
    comment = f"{what}, {_sure(more, fewer)}: {more:,} dates allow only that, {fewer:,} only the other"
    return DateOrder(month_first > day_first, Guessed(None, comment, decide=fewer > 0.02 * more))


def column_order(column: Evidence, general: DateOrder) -> bool:
    """Whether the month comes first in this column: its own dates decide, then those of all."""
    if column.day_first == column.month_first:
        return general.month_first
    return column.month_first > column.day_first


def column_formats(table: Table, column: Evidence, kind: Kind, general: DateOrder) -> list[str]:
    """Formats of a column's values of one kind, the most frequent first. Of cells that are moments there is none."""
    counts: Counter[str] = Counter()
    for reading, count in column.readings.items():
        if reading.kind is kind and reading.format and not (is_typed(table) and reading.format.startswith(_OF_CELLS)):
            counts[with_order(reading.format, month_first=column_order(column, general))] += count
    least = _LEAST_SHARE * column.filled
    return [form for form, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count > least]


def booleans(columns: Iterable[Evidence], synonyms: Synonyms) -> Guessed:
    """The words for yes and no in columns that are that."""
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for column in columns:
        for word in sorted(column.words, key=lambda word: (-column.words[word], word)):
            truth = truth_of(word, synonyms)
            if truth is not None:
                found[truth][word] = None
    if not any(found.values()):
        return Guessed(None)
    lacking = [said for said, words in found.items() if not words]
    value = {str(said).lower(): list(words) or [str(said).lower()] for said, words in found.items()}
    comment = f"no word for {str(lacking[0]).lower()} seen" if lacking else "words of the columns that are yes or no"
    return Guessed(value, comment, decide=bool(lacking))


def delivery(days: list[date]) -> Guessed:
    if len(days) < 3:
        return Guessed("daily", "daily: a day without an export is an error; occasional: it comes when it comes", True)
    span = (days[-1] - days[0]).days + 1
    is_daily = len(days) >= 0.9 * span
    return Guessed("daily" if is_daily else "occasional", f"{len(days)} days with files in {span}")


def formats_of(columns: Iterable[tuple[ColumnType, Table, Evidence]], order: DateOrder) -> dict[str, list[str]]:
    """Formats of each kind of moment, over all columns that hold it, the most frequent first."""
    counts: dict[str, Counter[str]] = {"date": Counter(), "timestamp": Counter(), "time": Counter()}
    for kind, table, column in columns:
        if kind.value in counts:
            for form in column_formats(table, column, Kind(kind.value), order):
                counts[kind.value][form] += column.filled
    return {
        kind: [form for form, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
        for kind, found in counts.items()
        if found
    }


def _sure(count: int, others: int) -> str:
    return percent(min(0.99, count / (count + others)))


def percent(share: float) -> str:
    return f"{share:.0%}"


def text_columns(tables: list[Table], evidence: list[tuple[Evidence, ...]]) -> Iterator[Evidence]:
    """Columns of text files."""
    for table, columns in zip(tables, evidence, strict=True):
        if is_text(table):
            yield from columns
