"""Ways in which an export may be spoilt, or written otherwise, at random. What they do is a strategy of Hypothesis.

Those of `HARMLESS` change how the file is written and not what it says. No tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

DELIMITER = ";"
T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[T]], T]
Lines = list[str]
Mutation = Callable[[Draw[Any], Lines], Lines]

AMOUNTS = ["1200.50", "1 200,50", "1,2,3", "1e5", "NaN", "-0,00", "9" * 18 + ",99", "1200,505", "12,", "#ДЕЛ/0!", "(5)"]
MOMENTS = [
    "29.02.2026 10:00",
    "29.02.2024 10:00",
    "31.04.2026 10:00",
    "29.03.2026 02:30",
    "25.10.2026 02:30",
    "25.10.2026 02:30:00",
    "01.01.0001 00:00",
    "31.12.9999 23:59",
    "99.99.9999 99:99",
    "02.02.2026 24:00",
    "02.02.26 10:00",
    "2026-02-02 10:00",
    "epoch",
    "infinity",
    "now",
]
IDS = [" M1 ", "M 1", "\u00a0M1\u00a0", "M1\t", "\tM1", "00017", "M1\u2013", "  "]
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1:A9)", '=HYPERLINK("http://example.org";"\'")', '=A1&""']
TRICKS = [
    "'; drop table raw.payments; --",
    "%s{0}",
    "[bold]x[/]",
    "\\N",
    "NULL",
    "\\",
    "\x00",
    "\x01\x1f",
    "\x7f",
    "\x1a",
]
CELLS = AMOUNTS + MOMENTS + IDS + FORMULAS + TRICKS
NEWLINES = ["\n", "\r\n", "\r"]


def _cells(line: str) -> list[str]:
    return line.split(DELIMITER)


def _index(draw: Draw[int], items: Lines | list[str]) -> int:
    return draw(st.integers(0, max(0, len(items) - 1)))


def _row(draw: Draw[int], lines: Lines) -> int:
    """A row below the header."""
    return draw(st.integers(1, len(lines) - 1)) if len(lines) > 1 else 0


def _with(lines: Lines, row: int, line: str) -> Lines:
    return [*lines[:row], line, *lines[row + 1 :]]


def _each(lines: Lines, change: Callable[[list[str]], list[str]]) -> Lines:
    return [DELIMITER.join(change(_cells(line))) for line in lines]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


# What harms.


def set_cell(draw: Draw[Any], lines: Lines) -> Lines:
    """Puts a value that an export should not have into some cell, written as CSV asks for or just so."""
    row = _row(draw, lines)
    cells = _cells(lines[row])
    value = draw(st.sampled_from(CELLS))
    cells[_index(draw, cells)] = quoted(value) if draw(st.booleans()) else value
    return _with(lines, row, DELIMITER.join(cells))


def fill_column(draw: Draw[Any], lines: Lines) -> Lines:
    place, value = _index(draw, _cells(lines[0])), draw(st.sampled_from(CELLS))
    return [lines[0], *_each(lines[1:], lambda cells: [*cells[:place], quoted(value), *cells[place + 1 :]])]


def grow_cell(draw: Draw[Any], lines: Lines) -> Lines:
    row, size = _row(draw, lines), draw(st.sampled_from([1_000, 140_000, 3_000_000]))
    cells = _cells(lines[row])
    cells[_index(draw, cells)] = "щ" * size
    return _with(lines, row, DELIMITER.join(cells))


def cut_row(draw: Draw[Any], lines: Lines) -> Lines:
    row = _row(draw, lines)
    return _with(lines, row, lines[row][: _index(draw, lines[row])])


def drop_cells(draw: Draw[Any], lines: Lines) -> Lines:
    row = _row(draw, lines)
    cells = _cells(lines[row])
    del cells[_index(draw, cells)]
    return _with(lines, row, DELIMITER.join(cells))


def lengthen_row(draw: Draw[Any], lines: Lines) -> Lines:
    row = _row(draw, lines)
    more = draw(st.sampled_from([";", ";;", ";лишнее", ";1;2;3"]))
    return _with(lines, row, lines[row] + more)


def insert_quote(draw: Draw[Any], lines: Lines) -> Lines:
    row = _index(draw, lines)
    at = draw(st.sampled_from([0, len(lines[row])]) | st.integers(0, len(lines[row])))
    return _with(lines, row, lines[row][:at] + '"' + lines[row][at:])


def insert_quote_at_a_cell(draw: Draw[Any], lines: Lines) -> Lines:
    row = _row(draw, lines)
    cells = _cells(lines[row])
    place = _index(draw, cells)
    cells[place] = draw(st.sampled_from(['"{}', '{}"', '"{}"x', 'x"{}"', ' "{}"', '"{}" ', '""{}""'])).format(
        cells[place]
    )
    return _with(lines, row, DELIMITER.join(cells))


def break_line(draw: Draw[Any], lines: Lines) -> Lines:
    row = _row(draw, lines)
    at = _index(draw, lines[row])
    return _with(lines, row, lines[row][:at] + draw(st.sampled_from(NEWLINES)) + lines[row][at:])


def delete_rows(draw: Draw[Any], lines: Lines) -> Lines:
    first = draw(st.just(0) | st.integers(0, max(0, len(lines) - 1)))
    return [*lines[:first], *lines[first + draw(st.integers(1, 5)) :]]


def repeat_row(draw: Draw[Any], lines: Lines) -> Lines:
    row = _index(draw, lines)
    return [*lines[:row], *[lines[row]] * draw(st.integers(1, 3)), *lines[row:]]


def drop_column(draw: Draw[Any], lines: Lines) -> Lines:
    place = _index(draw, _cells(lines[0]))
    return _each(lines, lambda cells: [*cells[:place], *cells[place + 1 :]])


def repeat_column(draw: Draw[Any], lines: Lines) -> Lines:
    place = _index(draw, _cells(lines[0]))
    return _each(lines, lambda cells: [*cells, *cells[place : place + 1]])


def swap_names(draw: Draw[Any], lines: Lines) -> Lines:
    return [DELIMITER.join(draw(st.permutations(_cells(lines[0])))), *lines[1:]]


def rename_column(draw: Draw[Any], lines: Lines) -> Lines:
    names = _cells(lines[0])
    place = _index(draw, names)
    names[place] = draw(
        st.sampled_from(["", names[place].upper(), names[place] + ", руб.", "a'b", "*", "c0", "filename"])
    )
    return [DELIMITER.join(names), *lines[1:]]


def widen_header(draw: Draw[Any], lines: Lines) -> Lines:
    many = draw(st.sampled_from([1, 30, 10_000]))
    more = "".join(f"{DELIMITER}Поле {number}" for number in range(many))
    rows = [line + DELIMITER * many for line in lines[1:]] if draw(st.booleans()) else lines[1:]
    return [lines[0] + more, *rows]


def change_delimiter(draw: Draw[Any], lines: Lines) -> Lines:
    other = draw(st.sampled_from([",", "\t", "|", ";;"]))
    first = draw(st.sampled_from([0, 1, len(lines) // 2]))
    return [*lines[:first], *(line.replace(DELIMITER, other) for line in lines[first:])]


def put_lines_around(draw: Draw[Any], lines: Lines) -> Lines:
    line = draw(st.sampled_from(["Отчёт за 02.02.2026", "Итого;;;100", "# комментарий", "sep=;", "\x1a", "\x00"]))
    at = draw(st.sampled_from([0, 1, len(lines)]))
    return [*lines[:at], line, *lines[at:]]


# What does no harm.


def shuffle_columns(draw: Draw[Any], lines: Lines) -> Lines:
    order = draw(st.permutations(range(len(_cells(lines[0])))))
    return _each(lines, lambda cells: [cells[place] for place in order]) if _is_rectangular(lines) else lines


def quote_cells(draw: Draw[Any], lines: Lines) -> Lines:
    """Quotes what needs no quotes: everything, or one column."""
    place = draw(st.none() | st.integers(0, len(_cells(lines[0])) - 1))

    def change(cells: list[str]) -> list[str]:
        return [quoted(cell) if place in (None, at) and '"' not in cell else cell for at, cell in enumerate(cells)]

    return _each(lines, change)


def pad_cells(draw: Draw[Any], lines: Lines) -> Lines:
    pad = draw(st.sampled_from([" ", "  ", "\t", "\u00a0"]))
    place = _index(draw, _cells(lines[0]))
    return [
        lines[0],
        *_each(
            lines[1:],
            lambda cells: [
                pad + cell + pad if at == place and '"' not in cell else cell for at, cell in enumerate(cells)
            ],
        ),
    ]


def put_blank_lines(draw: Draw[Any], lines: Lines) -> Lines:
    blank = draw(st.sampled_from(["", " ", ";;;", "\t", ";" * 40, "; ;"]))
    places = draw(st.lists(st.integers(1, len(lines)), min_size=1, max_size=4))
    for place in sorted(places, reverse=True):
        lines = [*lines[:place], blank, *lines[place:]]
    return lines


def add_unknown_column(draw: Draw[Any], lines: Lines) -> Lines:
    cell = draw(st.sampled_from(["", "5", quoted('a"b;c'), quoted("две\nстроки")]))
    return [f"{lines[0]};Новое", *(f"{line};{cell}" for line in lines[1:])] if _is_rectangular(lines) else lines


def move_rows(draw: Draw[Any], lines: Lines) -> Lines:
    return [lines[0], *draw(st.permutations(lines[1:]))]


def _is_rectangular(lines: Lines) -> bool:
    return len({line.count(DELIMITER) for line in lines}) == 1 and not any('"' in line for line in lines)


HARMFUL: list[Mutation] = [
    set_cell,
    fill_column,
    grow_cell,
    cut_row,
    drop_cells,
    lengthen_row,
    insert_quote,
    insert_quote_at_a_cell,
    break_line,
    delete_rows,
    repeat_row,
    drop_column,
    repeat_column,
    swap_names,
    rename_column,
    widen_header,
    change_delimiter,
    put_lines_around,
]
HARMLESS: list[Mutation] = [shuffle_columns, quote_cells, pad_cells, put_blank_lines, add_unknown_column, move_rows]


def written(draw: Draw[Any], lines: Lines) -> str:
    """The text of a file of these lines, with newlines of one kind or of all."""
    kinds = draw(st.sampled_from([["\r\n"], ["\n"], ["\r"], NEWLINES]))
    newlines = [draw(st.sampled_from(kinds)) if len(kinds) > 1 else kinds[0] for _ in lines]
    newlines[-1:] = [draw(st.sampled_from(["", newlines[-1], newlines[-1] * 3]))] if lines else []
    return "".join(line + newline for line, newline in zip(lines, newlines, strict=True))


# What harms bytes.


def damage(draw: Draw[Any], data: bytes, first: int = 0) -> bytes:
    """Flips, inserts or deletes bytes from `first` on, or cuts the rest off."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(first, max(first, len(data) - 1)))
        match draw(st.sampled_from(["flip", "insert", "delete", "cut"])):
            case "flip":
                data = (
                    data[:at] + bytes([data[at] ^ 1 << draw(st.integers(0, 7))]) + data[at + 1 :] if data[at:] else data
                )
            case "insert":
                data = data[:at] + draw(st.binary(min_size=1, max_size=4)) + data[at:]
            case "delete":
                data = data[:at] + data[at + draw(st.integers(1, 20)) :]
            case "cut":
                data = data[:at]
    return data


def encode_otherwise(draw: Draw[Any], text: str, encoding: str) -> bytes:
    """Another encoding than the profile says, for all of the text or from somewhere on."""
    other = draw(st.sampled_from(["utf-8", "cp1251", "koi8-r", "utf-16", "utf-16-le", "cp866", "utf-8-sig"]))
    at = draw(st.just(0) | st.integers(0, len(text)))
    return text[:at].encode(encoding, "replace") + text[at:].encode(other, "replace")
