"""Batches of one or many days: row numbers, changed layouts, a day replaced, and every row accounted for."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_case import DAY, ENTITY, NEXT_DAY, SOURCE, Reader, profile

from orchestration.ingest.refusal import ExportRefused

_COLUMNS = {"sale_id": "Номер", "clinic_id": "Филиал", "visits": "Визиты"}
_PROFILE = profile(_COLUMNS)
_HEADER = "Номер;Филиал;Визиты\n"


def _rows_of(reader: Reader, lines: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    result = reader.read(reader.land(_HEADER + lines), _PROFILE)
    typed, quarantined = reader.typed("_row", "sale_id"), reader.quarantined("_row", "rule")
    assert result.rows_read == len(typed) + len({row for row, _ in quarantined})
    return typed, quarantined


def test_broken_lines_do_not_shift_the_numbers_of_the_rows_behind_them(reader: Reader) -> None:
    typed, quarantined = _rows_of(reader, "b;b\nS3;A;1\nb\nb;b;b;b\nS6;A;1\nS7;A;1\nb;b\nS9;A;1\nb;b\n")
    assert typed == [(3, "S3"), (6, "S6"), (7, "S7"), (9, "S9")]
    assert quarantined == [(row, "broken_row") for row in (2, 4, 5, 8, 10)]


def test_a_quoted_cell_of_several_lines_is_one_row(reader: Reader) -> None:
    lines = 'S2;"a\nb\n\nc";1\nb;b\nS4;"x\r\ny";1\n"S\n5";"";1\nb\nS7;"""\n""";1\n'
    typed, quarantined = _rows_of(reader, lines)
    assert typed == [(2, "S2"), (4, "S4"), (5, "S\n5"), (7, "S7")]
    assert quarantined == [(3, "broken_row"), (6, "broken_row")]
    assert reader.typed("clinic_id") == [("a\nb\n\nc",), ("x\ny",), (None,), ('"\n"',)]


def test_an_empty_line_is_no_row_but_counts(reader: Reader) -> None:
    typed, quarantined = _rows_of(reader, '\nS3;A;1\n\n\nb;b\nS7;"\n\n\n";1\n\nS9;A;1\nb\n\nS12;A;1\n\n\n')
    assert typed == [(3, "S3"), (7, "S7"), (9, "S9"), (12, "S12")]
    assert quarantined == [(6, "broken_row"), (10, "broken_row")]


def test_a_quote_that_is_never_closed_refuses_the_file_since_it_would_swallow_the_rows_behind_it(
    reader: Reader,
) -> None:
    with pytest.raises(ExportRefused, match=r"row 3\): a quote is opened and not closed"):
        _rows_of(reader, 'S2;A;1\nS3;"A;1\nS4;A;1\n')


def test_a_quote_inside_a_cell_is_kept(reader: Reader) -> None:
    assert _rows_of(reader, 'S2;1" труба;1\n')[0] == [(2, "S2")]
    assert reader.typed("clinic_id") == [('1" труба',)]


def test_columns_may_stand_in_another_order_on_another_day(reader: Reader) -> None:
    files = [
        reader.land("Номер;Филиал;Визиты\nS1;A;1\n"),
        reader.land("Визиты;Номер;Филиал\n2;S2;B\nx;y\n3;S3;C\n", day=NEXT_DAY),
    ]
    result = reader.read(files, _PROFILE)
    rows = reader.typed("_export_date", "_row", "sale_id", "clinic_id", "visits", days=(DAY, NEXT_DAY))
    assert rows == [(DAY, 2, "S1", "A", 1), (NEXT_DAY, 2, "S2", "B", 2), (NEXT_DAY, 4, "S3", "C", 3)]
    assert [(day.day, day.rows_read, day.rows_typed) for day in result.files] == [(DAY, 1, 1), (NEXT_DAY, 3, 2)]


def test_layouts_may_differ_between_the_days_of_one_reading(reader: Reader) -> None:
    third = NEXT_DAY + timedelta(days=1)
    files = [
        reader.land("Новое;Номер;Филиал;Визиты;\nn;S1;A;1;\nb\nn;S2;A;1;\n"),
        reader.land("Номер;Филиал;Визиты\nb\nS3;B;2\n", day=NEXT_DAY),
        reader.land("Новое;Номер;Филиал;Визиты;\nb\nb\nn;S4;A;x;\nn;S5;A;1;\n", day=third),
    ]
    result = reader.read(files, _PROFILE)
    days = (DAY, NEXT_DAY, third)
    assert reader.typed("_export_date", "_row", "sale_id", days=days) == [
        (DAY, 2, "S1"),
        (DAY, 4, "S2"),
        (NEXT_DAY, 3, "S3"),
        (third, 5, "S5"),
    ]
    expected = [(DAY, 3), (NEXT_DAY, 2), (third, 2), (third, 3), (third, 4)]
    assert reader.quarantined("_export_date", "_row", days=days) == expected
    assert [day.rows_read for day in result.files] == [3, 2, 4]
    assert len(result.warnings) == 2


def test_many_days_are_read_in_one_pass(reader: Reader) -> None:
    days = [DAY + timedelta(days=number) for number in range(120)]
    files = [reader.land(f"{_HEADER}S{day:%m%d};A;1\nb\nS{day:%m%d}b;A;{day.day}\n", day=day) for day in days]
    result = reader.read(files, _PROFILE)
    assert [(count.day, count.rows_read, count.rows_typed) for count in result.files] == [(day, 3, 2) for day in days]
    rows = reader.typed("_export_date", "_row", "visits", days=tuple(days))
    assert rows == [row for day in days for row in ((day, 2, 1), (day, 4, day.day))]


def test_reading_a_day_again_replaces_its_batch_and_no_other(reader: Reader) -> None:
    files = [reader.land(f"{_HEADER}S1;A;1\nb\n"), reader.land(f"{_HEADER}S2;A;1\nb\nb\n", day=NEXT_DAY)]
    reader.read(files, _PROFILE)
    reader.read(reader.land(f"{_HEADER}S3;A;1\nS4;A;1\n"), _PROFILE)
    assert reader.typed("sale_id", days=(DAY, NEXT_DAY)) == [("S3",), ("S4",), ("S2",)]
    assert reader.quarantined("_export_date", days=(DAY, NEXT_DAY)) == [(NEXT_DAY,), (NEXT_DAY,)]


def test_a_day_that_has_become_empty_leaves_no_batch(reader: Reader) -> None:
    reader.read(reader.land(f"{_HEADER}S1;A;1\nb\n"), _PROFILE)
    result = reader.read(reader.land(_HEADER), _PROFILE)
    assert (result.rows_read, reader.typed("_row"), reader.quarantined("_row")) == (0, [], [])


def test_reading_leaves_nothing_but_batches(reader: Reader, tmp_path: Path) -> None:
    reader.read(reader.land(f"{_HEADER}S1;A;1\nb\n"), _PROFILE)
    assert list((tmp_path / "scratch").iterdir()) == []
    kept = {str(path.parent.relative_to(tmp_path / "batches")) for path in (tmp_path / "batches").rglob("*.parquet")}
    assert kept == {f"{SOURCE}/{ENTITY}/_export_date={DAY}", f"{SOURCE}/{ENTITY}/quarantine/_export_date={DAY}"}


@pytest.mark.parametrize("end", ["\n", ""])
def test_rows_of_empty_cells_are_passed_over_as_empty_lines_are(reader: Reader, end: str) -> None:
    result = reader.read(reader.land(f"{_HEADER}S1;A;1\n;;\n\nS2;A;2\n; ;\nb\n;\nS3;A;3\n;;{end}"), _PROFILE)
    assert reader.typed("sale_id", "_row") == [("S1", 2), ("S2", 5), ("S3", 9)]
    assert reader.quarantined("_row") == [(7,)]
    assert result.rows_read == 4


def test_a_row_whose_mapped_cells_are_empty_is_not_passed_over(reader: Reader) -> None:
    mapped = profile({"sale_id": "Номер"}, ignore=["Касса"])
    reader.read(reader.land("Номер;Касса\n;5\nS2;6\n"), mapped)
    assert reader.quarantined("_row", "rule") == [(2, "required")]


def test_columns_may_have_the_names_that_the_reader_uses_itself(reader: Reader) -> None:
    names = ["_row", "_file", "_export_date", "rowid", "_csv_path", "good_before", "filename"]
    columns = dict(zip(("sale_id", "clinic_id", "units", "visits", "net_amount", "patient_id"), names, strict=False))
    cells = {"_row": "S1", "_file": "A", "_export_date": "2", "rowid": "3", "_csv_path": "4,50"}
    text = ";".join(names) + "\n" + ";".join(cells.get(name, "x") for name in names) + "\n"
    mapped = profile(columns, where="\"filename\" = 'x'")
    reader.read(reader.land(text), mapped)
    (row,) = reader.typed("sale_id", "clinic_id", "units", "visits", "net_amount", "_row", "_export_date")
    assert row == ("S1", "A", 2, 3, Decimal("4.50"), 2, DAY)


def test_a_tab_around_a_cell_is_no_part_of_it(reader: Reader) -> None:
    reader.read(reader.land(f"{_HEADER}S1\t;\tA;1\n"), _PROFILE)
    assert reader.typed("sale_id", "clinic_id") == [("S1", "A")]


def test_the_same_file_read_twice_gives_the_same_bytes(reader: Reader) -> None:
    landed = reader.land(_HEADER + "".join(f"S{number};A;{number}\n" for number in range(500)))
    reader.read(landed, _PROFILE)
    (path,) = reader.store.paths(SOURCE, ENTITY, [DAY])
    first = path.read_bytes()
    reader.read(landed, _PROFILE)
    (path,) = reader.store.paths(SOURCE, ENTITY, [DAY])
    assert path.read_bytes() == first


_CELL = st.one_of(
    st.text(alphabet=st.sampled_from("a1;\"\n\r\t ,.'\\é№\u00a0\u2028\ufeff😀"), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from(["", "1", "-5", '""', "NULL", "\\N", "\n\n", "\r\n", '"\n']),
)
# A tab is a space, a newline is text; spaces of any width around a cell are neither.
_SPACES = "".join(char for char in map(chr, range(0x10000)) if unicodedata.category(char) == "Zs")
_FILE_ROWS = st.lists(st.lists(_CELL, min_size=1, max_size=4), max_size=8)


def _written(rows: list[list[str]], how: str) -> str:
    """Cells joined as a careful, a careless or a mixed writer would do it."""
    lines = []
    for number, row in enumerate(rows):
        quote = how == "careful" or (how == "mixed" and number % 2 == 0)
        lines.append(";".join('"' + cell.replace('"', '""') + '"' if quote else cell for cell in row))
    return "\n".join(lines)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_FILE_ROWS, how=st.sampled_from(["careful", "careless", "mixed"]), ends=st.booleans())
def test_whatever_the_cells_hold_every_row_is_accounted_for(
    reader: Reader, rows: list[list[str]], how: str, ends: bool
) -> None:
    text = _HEADER + _written(rows, how) + ("\n" if ends else "")
    try:
        result = reader.read(reader.land(text), _PROFILE)
    except ExportRefused as refused:
        assert refused.problems[0].reason
        return
    typed = [row for (row,) in reader.typed("_row")]
    quarantined = {row for (row,) in reader.quarantined("_row")}
    assert result.rows_read == len(typed) + len(quarantined)
    assert len(typed) == len(set(typed))
    assert not quarantined & set(typed)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(2 <= row <= lines for row in [*typed, *quarantined])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(_CELL, min_size=1, max_size=8), broken=st.sets(st.integers(0, 8)))
def test_what_a_careful_writer_writes_is_read_back_cell_by_cell(
    reader: Reader, cells: list[str], broken: set[int]
) -> None:
    rows: list[list[str]] = []
    expected = []
    for number, cell in enumerate(cells):
        if number in broken:
            rows.append(["b", "b"])
        rows.append(["S", cell, ""])
        text = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip(_SPACES)
        expected.append((len(rows) + 1, text or None))
    reader.read(reader.land(_HEADER + _written(rows, "careful") + "\n"), _PROFILE)
    assert reader.typed("_row", "clinic_id") == expected


@pytest.mark.parametrize("day", [date(2026, 1, 5), date(2026, 12, 31)])
def test_a_file_is_named_with_its_day(reader: Reader, day: date) -> None:
    reader.read(reader.land(f"{_HEADER}S1;A;1\n", day=day), _PROFILE)
    assert reader.typed("_file", "_export_date", days=(day,)) == [(f"{day}/sales.csv", day)]
